import { copy, fill, settledArray } from '../backend/stream.js';
import type { FloatArray } from '../core/types.js';
import type { SharedScratch } from './pass.js';
import { multiply } from './products.js';
import { Arithmetic, normOf } from './vectors.js';

const MOST_ITERATIONS = 100;
/** How near to the identity the product of the matrix with the power of its root gets. */
const TOLERANCE = 1e-11;

/**
 * root = a^(-1/p), of a symmetric matrix n x n whose eigenvalues are above 0, by the coupled iteration of Newton (Guo & Higham 2006,
 * https://doi.org/10.1137/050643374; as in Anil et al. 2020, https://arxiv.org/abs/2002.09018): products of matrices alone.
 *
 * With z = (1 + p) / (2 |a|): M = z a, H = z^(1/p) I; then D = ((p + 1) I - M) / p, H = H D, M = D^p M, until M is I.
 * It ends early where rounding has the upper hand.
 * @param a is what remains of it afterwards; float64, as `root` is
 * @param p 2 or 4
 */
export function inverseRoot(
  a: FloatArray,
  n: number,
  p: 2 | 4,
  root: FloatArray,
  scratch: SharedScratch,
): void {
  const arithmetic = new Arithmetic();
  const matrix = (array: FloatArray) => ({ array, rows: n, columns: n });
  const [factor, power, spare] = ['factor', 'power', 'spare'].map((use) => scratch.of(use, a, n * n));
  const z = (1 + p) / (2 * Math.sqrt(arithmetic.dot([a], [copied(a, spare)])));
  arithmetic.scale([a], z);
  fill(root, 0);
  addToDiagonal(root, n, z ** (1 / p));
  let last = Number.POSITIVE_INFINITY;
  for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
    copy(a, factor);
    addToDiagonal(factor, n, -1);
    const error = normOf('normInf', [factor]);
    // Once it is near it squares its error at every iteration, until rounding is all that is left.
    const isStuck = last < 0.1 && error >= last;
    if (!(error > TOLERANCE) || isStuck) return;
    last = error;
    arithmetic.scale([factor], -1 / p);
    addToDiagonal(factor, n, 1);
    multiply(matrix(root), matrix(factor), spare);
    copy(spare, root);
    multiply(matrix(factor), matrix(factor), power);
    if (p === 4) {
      multiply(matrix(power), matrix(power), spare);
      copy(spare, power);
    }
    multiply(matrix(power), matrix(a), spare);
    copy(spare, a);
  }
}

function copied(from: FloatArray, to: FloatArray): FloatArray {
  copy(from, to);
  return to;
}

export function addToDiagonal(a: FloatArray, n: number, value: number): void {
  const elements = settledArray(a);
  for (let i = 0; i < n; i++) elements[i * n + i] += value;
}
