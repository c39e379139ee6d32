import type { NumberArray } from '../../../core/types.js';
import type { Positions } from '../../contract/arguments.js';

// Where the largest or smallest elements are: the first one, and NaN before any number. The two agree exactly.
// Mirror: native/matrix/positions.h.

function find(
  outer: number,
  count: number,
  inner: number,
  x: NumberArray,
  out: Int32Array,
  better: (value: number, best: number) => boolean,
): void {
  for (let line = 0; line < outer * inner; line++) {
    const start = Math.floor(line / inner) * count * inner + (line % inner);
    let best = x[start];
    out[line] = 0;
    for (let r = 1; r < count; r++) {
      const value = x[start + r * inner];
      if (!(better(value, best) || (Number.isNaN(value) && !Number.isNaN(best)))) continue;
      best = value;
      out[line] = r;
    }
  }
}

/** out = the number of the first of the largest elements along the middle axis; NaN counts as the largest. */
export const argmax: Positions<NumberArray> = (outer, count, inner, x, out) => {
  find(outer, count, inner, x, out, (value, best) => value > best);
};

/** out = the number of the first of the smallest elements along the middle axis; NaN counts as the smallest. */
export const argmin: Positions<NumberArray> = (outer, count, inner, x, out) => {
  find(outer, count, inner, x, out, (value, best) => value < best);
};
