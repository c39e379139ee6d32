import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { sizeOf } from '../core/shapes.js';
import { checkInteger } from '../core/validate.js';
import { DataError } from './errors.js';
import { type ArrayOfShape, bytesOf, type ElementType, type Numbers, numbersOf } from './tensors.js';

/** A file of which parts are read when they are asked for. Reading waits for the disk: threads of a loader keep that off the others. */
export class OpenFile {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  readonly #descriptor: number;
  #isClosed = false;

  /** @throws DataError saying why it cannot be read. */
  constructor(path: string) {
    this.path = path;
    try {
      this.#descriptor = openSync(path, 'r');
      this.size = fstatSync(this.#descriptor).size;
    } catch (error) {
      throw new DataError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Fills `bytes` with what begins at `position`; at the end of the file with less. @returns how many bytes that is. */
  read(bytes: Uint8Array, position: number): number {
    if (this.#isClosed) throw new Error(`${this.path} is closed`);
    let done = 0;
    while (done < bytes.length) {
      const read = readSync(this.#descriptor, bytes, done, bytes.length - done, position + done);
      if (read === 0) break;
      done += read;
    }
    return done;
  }

  /** The first bytes, as many as there are. */
  begin(length: number): Uint8Array {
    const bytes = new Uint8Array(Math.min(length, this.size));
    return bytes.subarray(0, this.read(bytes, 0));
  }

  close(): void {
    if (!this.#isClosed) closeSync(this.#descriptor);
    this.#isClosed = true;
  }
}

/** Runs `make` over a file that stays open if it succeeds. */
export function opened<Result>(path: string, make: (file: OpenFile) => Result): Result {
  const file = new OpenFile(path);
  try {
    return make(file);
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Where the elements of an array are. */
interface Place {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** The first byte of its elements. */
  readonly offset: number;
}

let make: (file: OpenFile, place: Place) => RowFile;

/**
 * An array in a file, of which rows are read when they are asked for: what `openNpy`, `openSafetensors` and `openIdx` give. As the
 * `data` of a loader, or a part of it, it needs no more memory than the rows of a step.
 *
 * Reading waits for the disk. The file is open until `close()` or the end of the process.
 */
export class RowFile {
  /** How many rows there are: the first dimension. */
  readonly length: number;
  /** Of the whole array: [length, ...]. */
  readonly shape: readonly number[];
  readonly #file: OpenFile;
  readonly #place: Place;
  /** Elements of a row. */
  readonly #columns: number;

  static {
    make = (file, place) => new RowFile(file, place);
  }

  private constructor(file: OpenFile, place: Place) {
    const [length, ...rest] = place.shape;
    if (length === undefined) throw new DataError(`${file.path}: a single number has no rows`);
    numbersOf(file.path, place.type, new place.type.array(0));
    this.length = length;
    this.shape = place.shape;
    this.#file = file;
    this.#place = place;
    this.#columns = sizeOf(rest);
  }

  /** Row `index`, of shape [...]: a new array. @throws RangeError where there is none; DataError where the file has become shorter. */
  get(index: number): ArrayOfShape<Numbers> {
    const { value, shape } = this.rows(index, index + 1);
    return { value, shape: shape.slice(1) };
  }

  /** Rows [from, to), of shape [to - from, ...]: a new array. @throws as `get`. */
  rows(from: number, to: number): ArrayOfShape<Numbers> {
    checkInteger('from', from, 0);
    checkInteger('to', to, from);
    if (to > this.length)
      throw new RangeError(`row ${to - 1} must be below the ${this.length} rows of ${this.#file.path}`);
    const { type, offset } = this.#place;
    const stored = new type.array((to - from) * this.#columns);
    const bytes = bytesOf(stored);
    const position = offset + from * this.#columns * stored.BYTES_PER_ELEMENT;
    if (this.#file.read(bytes, position) < bytes.length) {
      throw new DataError(
        `${this.#file.path}: the file ends before row ${to}: it was cut since it was opened`,
      );
    }
    return { value: numbersOf(this.#file.path, type, stored), shape: [to - from, ...this.shape.slice(1)] };
  }

  close(): void {
    this.#file.close();
  }
}

export function rowFile(file: OpenFile, place: Place): RowFile {
  return make(file, place);
}
