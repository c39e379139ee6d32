import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type CsvRow, parseCsv } from './csv.js';
import type { Dataset } from './dataset.js';
import { DataError } from './errors.js';

/** A number as people and programs write it; `NaN`, `Infinity`, `0x10` and `1,5` are not. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Reads a CSV file with a header line, one row per example: a column of class labels (any text) and columns of numbers.
 * Classes are numbered in the order of their names: by value when all names are numbers, else by character codes.
 *
 * @param label the header of the column of class labels.
 * @throws DataError naming row (as a spreadsheet counts, the header is row 1) and column.
 */
export async function readCsv(path: string, label: string): Promise<Dataset> {
  return datasetFromCsv(await readText(path), label, basename(path));
}

async function readText(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new DataError(`${path}: ${whyUnreadable(error)}`);
  }
}

function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EISDIR') return 'is a folder, expected a CSV file';
  if (code === 'EACCES' || code === 'EPERM') return 'no permission to read it';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is not UTF-8 text';
  return error instanceof Error ? error.message : String(error);
}

/** As {@link readCsv}, from text already in memory; `name` stands for the file in messages. */
export function datasetFromCsv(text: string, label: string, name: string): Dataset {
  const [header, ...rows] = parseCsv(text, name);
  const table = readHeaders(header, label, name);
  const { headers, labelColumn } = table;
  for (const row of rows) checkWidth(row, headers.length, name);

  const { classNames, labels } = numberClasses(
    rows.map((row) => readLabel(row, table, name)),
    label,
    name,
  );
  const columns = headers.length - 1;
  const features = new Float32Array(rows.length * columns);
  let to = 0;
  for (const row of rows) {
    for (const [column, cell] of row.cells.entries()) {
      if (column !== labelColumn) features[to++] = readNumber(cell, row, column, headers, name);
    }
  }
  return { name, features, labels, rows: rows.length, columns, classes: classNames.length, classNames };
}

/** The columns of a file. */
export interface Headers {
  readonly headers: readonly string[];
  readonly label: string;
  readonly labelColumn: number;
}

/** @throws DataError */
export function readHeaders(header: CsvRow | undefined, label: string, name: string): Headers {
  if (header === undefined) throw new DataError(`${name}: the file is empty`);
  const headers = header.cells.map((cell) => cell.trim());
  const labelColumn = findLabel(headers, label, name);
  if (headers.length === 1)
    throw new DataError(`${name}: the only column is the label, there is nothing to learn from`);
  return { headers, label, labelColumn };
}

/** The class of a row, by its name. @throws DataError */
export function readLabel(row: CsvRow, { labelColumn, label }: Headers, name: string): string {
  const text = row.cells[labelColumn].trim();
  if (text !== '') return text;
  throw new DataError(`${name}: row ${row.number}, column ${JSON.stringify(label)}: the label is empty`);
}

function findLabel(headers: readonly string[], label: string, name: string): number {
  const duplicate = headers.find((header, column) => headers.indexOf(header) !== column);
  if (duplicate !== undefined)
    throw new DataError(`${name}: row 1: two columns are called ${JSON.stringify(duplicate)}`);
  const column = headers.indexOf(label);
  if (column >= 0) return column;
  const shown = headers.slice(0, 12).map((header) => JSON.stringify(header));
  const list = shown.join(', ') + (headers.length > shown.length ? ', …' : '');
  const hint = headers.length === 1 && /[;\t]/.test(headers[0]) ? '; cells must be separated by commas' : '';
  throw new DataError(
    `${name}: no column is called ${JSON.stringify(label)}; the columns are ${list}${hint}`,
  );
}

export function checkWidth(row: CsvRow, width: number, name: string): void {
  if (row.cells.length === width) return;
  const problem =
    row.cells.length < width
      ? `column ${row.cells.length + 1} is missing`
      : `column ${width + 1} is one too many`;
  throw new DataError(
    `${name}: row ${row.number}: expected ${width} cells as in the header, got ${row.cells.length} (${problem})`,
  );
}

/** Numbers classes by their names, of which there is one for each row. @throws DataError */
export function numberClasses(texts: readonly string[], label: string, name: string) {
  if (texts.length === 0) throw new DataError(`${name}: there are no rows below the header`);
  const classNames = [...new Set(texts)];
  const where = `${name}: column ${JSON.stringify(label)}`;
  if (classNames.length === 1) {
    throw new DataError(
      `${where}: every row is of class ${JSON.stringify(classNames[0])}, expected two classes or more`,
    );
  }
  if (classNames.length > texts.length / 2) {
    throw new DataError(
      `${where}: ${classNames.length} different values in ${texts.length} rows, expected class labels that repeat`,
    );
  }
  if (classNames.every((text) => NUMBER.test(text))) classNames.sort((a, b) => Number(a) - Number(b));
  else classNames.sort();
  const numberOf = new Map(classNames.map((text, index) => [text, index]));
  return { classNames, labels: Int32Array.from(texts, (text) => numberOf.get(text) ?? 0) };
}

export function readNumber(
  cell: string,
  row: CsvRow,
  column: number,
  headers: readonly string[],
  name: string,
): number {
  const text = cell.trim();
  const value = Number(text);
  if (NUMBER.test(text) && Number.isFinite(Math.fround(value))) return value;
  const got =
    text === '' ? 'an empty cell' : JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
  const column1 = JSON.stringify(headers[column]);
  throw new DataError(`${name}: row ${row.number}, column ${column1}: expected a finite number, got ${got}`);
}
