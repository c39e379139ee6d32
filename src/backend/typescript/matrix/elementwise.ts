import type { FloatArray } from '../../../core/types.js';
import type {
  ClampBackward,
  ClampForward,
  LeakyReluBackward,
  ScalarOperation,
} from '../../contract/arguments.js';

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

/** x where x > 0, else alpha x */
export const leaky = (x: number, alpha: number) => (x > 0 ? x : alpha * x);

/** out = x where x > 0, else alpha x */
export const leakyReluForward: ScalarOperation = (n, alpha, x, out) => {
  const slope = likeElementsOf(x, alpha);
  for (let i = 0; i < n; i++) out[i] = leaky(x[i], slope);
};

/** dx = dy where x > 0, else alpha dy; dx may be dy. */
export const leakyReluBackward: LeakyReluBackward = (n, alpha, x, dy, dx) => {
  const slope = likeElementsOf(x, alpha);
  for (let i = 0; i < n; i++) dx[i] = x[i] > 0 ? dy[i] : slope * dy[i];
};

/** out = 1 where x > 0, else alpha; NaN stays. */
export const unitStep: ScalarOperation = (n, alpha, x, out) => {
  for (let i = 0; i < n; i++) out[i] = x[i] > 0 ? 1 : Number.isNaN(x[i]) ? x[i] : alpha;
};

/** out = c (x - c / 2) with c = x clamped to +-alpha; NaN stays. */
export const huber: ScalarOperation = (n, alpha, x, out) => {
  const most = likeElementsOf(x, alpha);
  for (let i = 0; i < n; i++) {
    const raised = -most > x[i] ? -most : x[i];
    const slope = most < raised ? most : raised;
    out[i] = likeElementsOf(x, x[i] - 0.5 * slope) * slope;
  }
};
