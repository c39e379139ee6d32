import { basename } from 'node:path';
import { checkInteger } from '../core/validate.js';
import { type CsvRow, parseCsv } from './csv.js';
import { DataError } from './errors.js';
import { checkWidth, type Headers, numberClasses, readHeaders, readLabel, readNumber } from './read-csv.js';
import { type OpenFile, opened } from './row-file.js';

/** The file is gone through in pieces of so many bytes. */
const PIECE = 2 ** 18;

const QUOTE = 34;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** A row of a file. */
interface Place {
  readonly from: number;
  readonly to: number;
  /** As a spreadsheet counts. */
  readonly number: number;
}

let make: (file: OpenFile, label: string) => CsvFile;

/**
 * A CSV file as `readCsv` reads it, of which rows are read when they are asked for: the data of a loader. The file is gone through
 * once when it is opened; in memory stay the classes of the rows, and where each begins.
 */
export class CsvFile {
  /** How many rows there are below the header. */
  readonly length: number;
  /** Numbers of a row, without the class. */
  readonly columns: number;
  /** The name of each class, by its number. */
  readonly classNames: readonly string[];
  /** The class of each row. */
  readonly labels: Int32Array;
  readonly #file: OpenFile;
  readonly #name: string;
  readonly #headers: Headers;
  /** Three numbers for each row: its first byte, the byte after its last, and its number. */
  readonly #places: Float64Array;

  static {
    make = (file, label) => new CsvFile(file, label);
  }

  private constructor(file: OpenFile, label: string) {
    const name = basename(file.path);
    const places: number[] = [];
    const texts: string[] = [];
    let headers: Headers | undefined;
    for (const place of rowsOf(file)) {
      const row = readRow(file, name, place);
      if (row === undefined) continue;
      if (headers === undefined) {
        headers = readHeaders(row, label, name);
        continue;
      }
      checkWidth(row, headers.headers.length, name);
      texts.push(readLabel(row, headers, name));
      places.push(place.from, place.to, place.number);
    }
    this.#headers = headers ?? readHeaders(undefined, label, name);
    const { classNames, labels } = numberClasses(texts, label, name);
    this.length = labels.length;
    this.columns = this.#headers.headers.length - 1;
    this.classNames = classNames;
    this.labels = labels;
    this.#file = file;
    this.#name = name;
    this.#places = Float64Array.from(places);
  }

  /** The numbers of row `index`, and its class. @throws RangeError where there is none; DataError for what is no number. */
  get(index: number): { readonly x: Float32Array; readonly y: number } {
    checkInteger('index', index, 0);
    if (index >= this.length) {
      throw new RangeError(`index must be below the ${this.length} rows of ${this.#name}, got ${index}`);
    }
    const [from, to, number] = this.#places.subarray(3 * index, 3 * index + 3);
    const row = readRow(this.#file, this.#name, { from, to, number });
    const { headers, labelColumn } = this.#headers;
    if (row?.cells.length !== headers.length) {
      throw new DataError(`${this.#name}: row ${number} is not what it was when the file was opened`);
    }
    const x = new Float32Array(this.columns);
    let at = 0;
    for (const [column, cell] of row.cells.entries()) {
      if (column !== labelColumn) x[at++] = readNumber(cell, row, column, headers, this.#name);
    }
    return { x, y: this.labels[index] };
  }

  close(): void {
    this.#file.close();
  }
}

/**
 * Opens a CSV file with a header line, to read rows of it when they are asked for.
 * @param label the header of the column of class labels.
 * @throws DataError as `readCsv` does, but for what is no number: `get` says that.
 */
export function openCsv(path: string, label: string): CsvFile {
  return opened(path, (file) => make(file, label));
}

/** The rows of a file, blank ones as well: a line break within quotes ends none. */
function* rowsOf(file: OpenFile): Generator<Place, void> {
  const piece = new Uint8Array(PIECE);
  let [from, number, isQuoted, wasReturn] = [0, 1, false, false];
  for (let position = 0; position < file.size; position += PIECE) {
    const length = file.read(piece, position);
    for (let i = 0; i < length; i++) {
      const byte = piece[i];
      // The second byte of a line break belongs to the first.
      const isRest = wasReturn && byte === LINE_FEED;
      wasReturn = !isQuoted && byte === CARRIAGE_RETURN;
      if (isRest) from++;
      else if (byte === QUOTE) isQuoted = !isQuoted;
      else if (!isQuoted && (byte === LINE_FEED || byte === CARRIAGE_RETURN)) {
        yield { from, to: position + i, number: number++ };
        from = position + i + 1;
      }
    }
  }
  if (from < file.size) yield { from, to: file.size, number };
}

function readRow(file: OpenFile, name: string, { from, to, number }: Place): CsvRow | undefined {
  const bytes = new Uint8Array(to - from);
  file.read(bytes, from);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new DataError(`${name}: row ${number} is not UTF-8 text`);
  }
  return parseCsv(text, name, number)[0];
}
