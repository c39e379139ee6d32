import type { ElementArray } from '../../../core/types.js';
import type { OneHot } from '../../contract/arguments.js';

// Rows that say a number by its place. Mirror: native/matrix/one-hot.h.

/** out[r][c] = c is indices[r] ? onValue : offValue, converted as by cast: a row is all off where its index is none of its places. */
export const oneHot: OneHot<ElementArray> = (n, depth, onValue, offValue, indices, out) => {
  const convert = (value: number) => (out instanceof Uint8Array ? (value !== 0 ? 1 : 0) : value);
  const on = convert(onValue);
  out.fill(convert(offValue), 0, n * depth);
  for (let r = 0; r < n; r++) {
    const index = indices[r];
    if (index >= 0 && index < depth) out[r * depth + index] = on;
  }
};
