import type { ElementArray } from '../../../core/types.js';
import type { GatherRows, ScatterRows } from '../../contract/arguments.js';

// Whole rows of a matrix. Mirror: native/matrix/rows.h.

/** out[r] = source[indices[r]]; indices are in [0, sourceRows). */
export const gatherRows: GatherRows<ElementArray> = (rows, columns, _sourceRows, source, indices, out) => {
  for (let r = 0; r < rows; r++) {
    const from = indices[r] * columns;
    const to = r * columns;
    for (let c = 0; c < columns; c++) out[to + c] = source[from + c];
  }
};

/** out[indices[r]] += source[r], row after row; indices are in [0, outRows). */
export const scatterAddRows: ScatterRows = (columns, rows, _outRows, source, indices, out) => {
  for (let r = 0; r < rows; r++) {
    const from = r * columns;
    const to = indices[r] * columns;
    for (let c = 0; c < columns; c++) out[to + c] += source[from + c];
  }
};

/** out[indices[r]] = source[r], row after row; indices are in [0, outRows). */
export const scatterRows: ScatterRows = (columns, rows, _outRows, source, indices, out) => {
  for (let r = 0; r < rows; r++) {
    const from = r * columns;
    const to = indices[r] * columns;
    for (let c = 0; c < columns; c++) out[to + c] = source[from + c];
  }
};
