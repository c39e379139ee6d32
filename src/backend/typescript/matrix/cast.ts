import type { ElementArray } from '../../../core/types.js';
import type { Cast } from '../../contract/arguments.js';

// From one element type to another. The two agree bit for bit. Mirror: native/matrix/cast.h.

/**
 * out = x in the type of out: rounded to a float, cut off towards 0 to a whole number modulo 2^32 (0 for what is not finite),
 * or, to a mask, 1 where it is not 0, which NaN is not.
 */
export const cast: Cast<ElementArray> = (n, x, out) => {
  if (out instanceof Uint8Array) {
    for (let i = 0; i < n; i++) out[i] = x[i] !== 0 ? 1 : 0;
  } else {
    out.set(x.subarray(0, n));
  }
};
