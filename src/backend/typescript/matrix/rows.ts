import type { FloatArray } from '../../../types.js';
import { addition, reduceAxis } from '../reduce-axis.js';

// Between a matrix and one row, and whole rows of a matrix. Mirror: native/matrix/rows.h.

/** y[r][c] = x[r][c] + row[c]; y may be x. */
export function addRow(rows: number, columns: number, x: FloatArray, row: FloatArray, y: FloatArray): void {
  for (let r = 0; r < rows; r++) {
    const start = r * columns;
    for (let c = 0; c < columns; c++) y[start + c] = x[start + c] + row[c];
  }
}

/** out[c] = the sum of x[r][c] over the rows, in double, plus out[c] where `accumulate` is 1. */
export function sumRows(
  columns: number,
  rows: number,
  accumulate: number,
  x: FloatArray,
  out: FloatArray,
): void {
  reduceAxis(
    1,
    rows,
    columns,
    addition,
    (i) => x[i],
    (c, sum) => {
      out[c] = accumulate ? out[c] + sum : sum;
    },
  );
}

/** out[r] = source[indices[r]]; indices are in [0, sourceRows). */
export function gatherRows(
  rows: number,
  columns: number,
  _sourceRows: number,
  source: FloatArray,
  indices: Int32Array,
  out: FloatArray,
): void {
  for (let r = 0; r < rows; r++) {
    const from = indices[r] * columns;
    const to = r * columns;
    for (let c = 0; c < columns; c++) out[to + c] = source[from + c];
  }
}
