import type { FloatArray } from '../../../types.js';
import { laneSquaredDistance, laneSum, sumChunks } from '../reduce.js';

// Over a whole array. Mirror: native/matrix/reductions.h.
// The two agree to 2 units in the last place.

/** out[0] = alpha times the sum of x, summed in double. */
export function sum(n: number, alpha: number, x: FloatArray, out: FloatArray): void {
  out[0] = alpha * sumChunks(n, (start, length) => laneSum(x, start, length));
}

/** out[0] = alpha times the sum of (a - b)^2, summed in double. */
export function squaredDistance(
  n: number,
  alpha: number,
  a: FloatArray,
  b: FloatArray,
  out: FloatArray,
): void {
  out[0] = alpha * sumChunks(n, (start, length) => laneSquaredDistance(a, b, start, length));
}
