import type { FloatArray } from '../../../core/types.js';

// Element by element, n elements; the output may be one of the inputs. Mirror: native/matrix/elementwise.h.
// One operation and one rounding: the two agree bit for bit.

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

/** y = min(high, max(low, x)); NaN stays. */
export function clampForward(n: number, low: number, high: number, x: FloatArray, y: FloatArray): void {
  const least = likeElementsOf(x, low);
  const most = likeElementsOf(x, high);
  for (let i = 0; i < n; i++) {
    const raised = least > x[i] ? least : x[i];
    y[i] = most < raised ? most : raised;
  }
}

/** dx = dy where x is in [low, high] or NaN, else 0; dx may be dy. */
export function clampBackward(
  n: number,
  low: number,
  high: number,
  x: FloatArray,
  dy: FloatArray,
  dx: FloatArray,
): void {
  const least = likeElementsOf(x, low);
  const most = likeElementsOf(x, high);
  for (let i = 0; i < n; i++) dx[i] = least > x[i] || x[i] > most ? 0 : dy[i];
}
