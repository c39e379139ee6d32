import type { FloatArray } from '../../../types.js';

// Element by element, n elements; the output may be one of the inputs. Mirror: native/matrix/elementwise.h.

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

/** out = x + alpha */
export function addScalar(n: number, alpha: number, x: FloatArray, out: FloatArray): void {
  for (let i = 0; i < n; i++) out[i] = x[i] + alpha;
}

/** out = alpha x */
export function mulScalar(n: number, alpha: number, x: FloatArray, out: FloatArray): void {
  for (let i = 0; i < n; i++) out[i] = alpha * x[i];
}
