import type { ElementArray } from '../../../core/types.js';
import type { Triangle } from '../../contract/arguments.js';

// Matrices with 0 on one side of a diagonal. Mirror: native/matrix/triangle.h.

/** The lower triangle of each matrix with `diagonal` ones right of its own, or the upper one without as many. */
export const triangle: Triangle<ElementArray> = (outer, rows, columns, upper, diagonal, x, out) => {
  for (let row = 0; row < outer * rows; row++) {
    const cut = (row % rows) + diagonal + (upper ? 0 : 1);
    const start = row * columns;
    for (let c = 0; c < columns; c++) out[start + c] = (upper ? c >= cut : c < cut) ? x[start + c] : 0;
  }
};
