import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseCsv } from '../../data/csv.js';
import { DataError, type Dataset } from '../../data/index.js';
import { checkWidth, readHeaders, readNumber } from '../../data/read-csv.js';
import { reasonOf } from '../files.js';

/** A CSV file of numbers alone, one column of which is to be told from the others. @throws DataError */
export async function readRegressionCsv(
  path: string,
  label: string,
): Promise<{ dataset: Dataset; targets: Float32Array }> {
  const name = basename(path);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new DataError(`${path}: ${reasonOf(error)}`);
  });
  const [header, ...rows] = parseCsv(text, name);
  const { headers, labelColumn } = readHeaders(header, label, name);
  const columns = headers.length - 1;
  const features = new Float32Array(rows.length * columns);
  const targets = new Float32Array(rows.length);
  let to = 0;
  for (const [at, row] of rows.entries()) {
    checkWidth(row, headers.length, name);
    for (const [column, cell] of row.cells.entries()) {
      const number = readNumber(cell, row, column, headers, name);
      if (column === labelColumn) targets[at] = number;
      else features[to++] = number;
    }
  }
  const labels = new Int32Array(rows.length);
  return {
    dataset: { name, features, labels, rows: rows.length, columns, classes: 1, classNames: [label] },
    targets,
  };
}
