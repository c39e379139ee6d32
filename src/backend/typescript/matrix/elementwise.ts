import type { FloatArray } from '../../../core/types.js';
import type { ClampBackward, ClampForward, ScalarOperation } from '../../contract/arguments.js';

// Element by element, n elements; the output may be one of the inputs. Mirror: native/matrix/elementwise.h.
// One operation and one rounding: the two agree bit for bit.

/** `alpha` in the element type of `x`. */
function likeElementsOf(x: FloatArray, alpha: number): number {
  return x instanceof Float32Array ? Math.fround(alpha) : alpha;
}

/** out = x + alpha */
export const addScalar: ScalarOperation = (n, alpha, x, out) => {
  const term = likeElementsOf(x, alpha);
  for (let i = 0; i < n; i++) out[i] = x[i] + term;
};

/** out = alpha x */
export const mulScalar: ScalarOperation = (n, alpha, x, out) => {
  const factor = likeElementsOf(x, alpha);
  for (let i = 0; i < n; i++) out[i] = factor * x[i];
};

/** y = min(high, max(low, x)); NaN stays. */
export const clampForward: ClampForward = (n, low, high, x, y) => {
  const least = likeElementsOf(x, low);
  const most = likeElementsOf(x, high);
  for (let i = 0; i < n; i++) {
    const raised = least > x[i] ? least : x[i];
    y[i] = most < raised ? most : raised;
  }
};

/** dx = dy where x is in [low, high] or NaN, else 0; dx may be dy. */
export const clampBackward: ClampBackward = (n, low, high, x, dy, dx) => {
  const least = likeElementsOf(x, low);
  const most = likeElementsOf(x, high);
  for (let i = 0; i < n; i++) dx[i] = least > x[i] || x[i] > most ? 0 : dy[i];
};
