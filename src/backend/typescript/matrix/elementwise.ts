import type { FloatArray } from '../../../types.js';

// Element by element, n elements; the output may be one of the inputs. Mirror: native/matrix/elementwise.h.
// One operation and one rounding: the two agree bit for bit, but for pow: to 4 units in the last place.

/** out = a + b */
export function add(n: number, a: FloatArray, b: FloatArray, out: FloatArray): void {
  for (let i = 0; i < n; i++) out[i] = a[i] + b[i];
}

/** out = a - b */
export function sub(n: number, a: FloatArray, b: FloatArray, out: FloatArray): void {
  for (let i = 0; i < n; i++) out[i] = a[i] - b[i];
}

/** out = a b */
export function mul(n: number, a: FloatArray, b: FloatArray, out: FloatArray): void {
  for (let i = 0; i < n; i++) out[i] = a[i] * b[i];
}

/** out = a^b as C has it: 1^b and (-1)^(+-Infinity) are 1, also of a b that is NaN. */
export function pow(n: number, a: FloatArray, b: FloatArray, out: FloatArray): void {
  for (let i = 0; i < n; i++) {
    const one = a[i] === 1 || (a[i] === -1 && Math.abs(b[i]) === Number.POSITIVE_INFINITY);
    out[i] = one ? 1 : a[i] ** b[i];
  }
}

/** `alpha` in the element type of `x`. */
function likeElementsOf(x: FloatArray, alpha: number): number {
  return x instanceof Float32Array ? Math.fround(alpha) : alpha;
}

/** out = x + alpha */
export function addScalar(n: number, alpha: number, x: FloatArray, out: FloatArray): void {
  const term = likeElementsOf(x, alpha);
  for (let i = 0; i < n; i++) out[i] = x[i] + term;
}

/** out = alpha x */
export function mulScalar(n: number, alpha: number, x: FloatArray, out: FloatArray): void {
  const factor = likeElementsOf(x, alpha);
  for (let i = 0; i < n; i++) out[i] = factor * x[i];
}
