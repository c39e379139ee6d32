import type { FloatArray } from '../../../core/types.js';

// Whole rows of a matrix. Mirror: native/matrix/rows.h.

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

/** out[indices[r]] = source[r], row after row; indices are in [0, outRows). */
export function scatterRows(
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
    for (let c = 0; c < columns; c++) out[to + c] = source[from + c];
  }
}
