import type { FloatArray } from '../../../types.js';
import { REDUCTION_LANES } from '../reduce.js';

// Whole rows of a matrix. Mirror: native/matrix/rows.h.

const sums = new Float64Array(REDUCTION_LANES);

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

/** out[indices[r]] += source[r], row after row; indices are in [0, outRows). */
export function scatterAddRows(
  columns: number,
  rows: number,
  _outRows: number,
  source: FloatArray,
  indices: Int32Array,
  out: FloatArray,
): void {
  for (let r = 0; r < rows; r++) {
    const from = r * columns;
    const to = indices[r] * columns;
    for (let c = 0; c < columns; c++) out[to + c] += source[from + c];
  }
}
