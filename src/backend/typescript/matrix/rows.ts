import type { FloatArray } from '../../../types.js';
import { REDUCTION_LANES } from '../reduce.js';

// Between a matrix and one row, and whole rows of a matrix. Mirror: native/matrix/rows.h.

const sums = new Float64Array(REDUCTION_LANES);

/** y[r][c] = x[r][c] + row[c]; y may be x. */
export function addRow(rows: number, columns: number, x: FloatArray, row: FloatArray, y: FloatArray): void {
  for (let r = 0; r < rows; r++) {
    const start = r * columns;
    for (let c = 0; c < columns; c++) y[start + c] = x[start + c] + row[c];
  }
}

/** out[c] = the sum of x[r][c] over the rows in their order, in double, plus out[c] where `accumulate` is 1. */
export function sumRows(
  columns: number,
  rows: number,
  accumulate: number,
  x: FloatArray,
  out: FloatArray,
): void {
  for (let first = 0; first < columns; first += sums.length) {
    const width = Math.min(sums.length, columns - first);
    sums.fill(0);
    for (let r = 0; r < rows; r++) {
      const start = r * columns + first;
      for (let c = 0; c < width; c++) sums[c] += x[start + c];
    }
    for (let c = 0; c < width; c++) out[first + c] = accumulate ? out[first + c] + sums[c] : sums[c];
  }
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
