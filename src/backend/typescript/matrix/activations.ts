import type { FloatArray } from '../../../types.js';

// Activations and their gradients, n elements; the output may be one of the inputs. Mirror: native/matrix/activations.h.
// The native side evaluates exp and tanh by its own polynomials.
// The two agree to 8 units in the last place, of each element going forward and of the largest one going backward, plus
// the smallest normal number.

/** 1 / (1 + exp(-x)) without overflow: the exponential is taken of -|x| only. */
function logistic(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return (x < 0 ? e : 1) / (1 + e);
}

/** y = max(x, 0); NaN stays. */
export function reluForward(n: number, x: FloatArray, y: FloatArray): void {
  for (let i = 0; i < n; i++) y[i] = Math.max(x[i], 0);
}

/** dx = dy where y > 0, else 0 */
export function reluBackward(n: number, y: FloatArray, dy: FloatArray, dx: FloatArray): void {
  for (let i = 0; i < n; i++) dx[i] = y[i] > 0 ? dy[i] : 0;
}

/** y = tanh(x) */
export function tanhForward(n: number, x: FloatArray, y: FloatArray): void {
  for (let i = 0; i < n; i++) y[i] = Math.tanh(x[i]);
}

/** dx = dy (1 - y^2) */
export function tanhBackward(n: number, y: FloatArray, dy: FloatArray, dx: FloatArray): void {
  for (let i = 0; i < n; i++) dx[i] = dy[i] * (1 - y[i] * y[i]);
}

/** y = 1 / (1 + exp(-x)) */
export function sigmoidForward(n: number, x: FloatArray, y: FloatArray): void {
  for (let i = 0; i < n; i++) y[i] = logistic(x[i]);
}

/** dx = dy y (1 - y) */
export function sigmoidBackward(n: number, y: FloatArray, dy: FloatArray, dx: FloatArray): void {
  for (let i = 0; i < n; i++) dx[i] = dy[i] * (y[i] * (1 - y[i]));
}

/** y = x / (1 + exp(-x)) */
export function siluForward(n: number, x: FloatArray, y: FloatArray): void {
  for (let i = 0; i < n; i++) y[i] = x[i] * logistic(x[i]);
}

/** dx = dy s (1 + x (1 - s)) with s = 1 / (1 + exp(-x)) */
export function siluBackward(n: number, x: FloatArray, dy: FloatArray, dx: FloatArray): void {
  for (let i = 0; i < n; i++) {
    const s = logistic(x[i]);
    dx[i] = dy[i] * (s * (1 + x[i] * (1 - s)));
  }
}
