import { kernels } from '../../backend/stream.js';
import { broadcastShape } from '../../core/broadcasting.js';
import { sameShape, showShape } from '../../core/shapes.js';
import { takeLike } from '../engine/autograd.js';
import { arrayOf, checkTensor, type Tensor } from '../engine/tensor.js';
import { mul } from './arithmetic.js';
import { bmm } from './bmm.js';
import { checkSameType } from './check.js';
import { multiplyAs, multiplyMatrices, recordProduct } from './products.js';
import { expand } from './repeating.js';
import { reshape } from './shaping.js';

function checkRank(name: string, x: Tensor, rank: number): void {
  checkTensor(name, x);
  if (x.shape.length === rank) return;
  const what = rank === 1 ? 'one dimension' : 'two dimensions';
  throw new RangeError(`${name} must have ${what}, got shape ${showShape(x.shape)}`);
}

/** Batches of matrices, of which lengths of 1 are repeated: in copies. */
function batches(a: Tensor, b: Tensor): Tensor {
  const [outerA, outerB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  if (sameShape(outerA, outerB)) return bmm(a, b);
  const outer = broadcastShape([outerA, outerB]);
  if (outer === undefined) {
    throw new RangeError(
      `the batches of matmul must be equal but for lengths of 1, got ${showShape(a.shape)} and ${showShape(b.shape)}`,
    );
  }
  const filled = (x: Tensor, own: readonly number[]) =>
    sameShape(own, outer) ? x : expand(x, [...outer, ...x.shape.slice(-2)]);
  return bmm(filled(a, outerA), filled(b, outerB));
}

/**
 * The matrix product, as PyTorch's `matmul`: of two vectors their dot product, of a vector and matrices that of a row or of a
 * column, of batches that of each pair of matrices, whose other dimensions are repeated where they are 1 or missing.
 * @param a [k] or [..., m, k].
 * @param b [k] or [..., k, n].
 * @returns the batches, then m where a has it, then n where b has it.
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  checkTensor('a', a);
  checkSameType('other', b, a);
  const [rankA, rankB] = [a.shape.length, b.shape.length];
  if (rankA === 2 && rankB === 2) return multiplyMatrices(a, b);
  if (rankA === 0 || rankB === 0) {
    throw new RangeError(
      `matmul takes tensors of at least one dimension, got ${showShape(a.shape)} and ${showShape(b.shape)}`,
    );
  }
  if (rankA === 1 && rankB === 1) return dot(a, b);
  const k = a.shape[rankA - 1];
  if (k !== b.shape[Math.max(0, rankB - 2)]) {
    throw new RangeError(
      `matmul needs as many columns of a as rows of b, got shapes ${showShape(a.shape)} and ${showShape(b.shape)}`,
    );
  }
  if (rankB <= 2) {
    // The rows of all matrices of a, times one matrix: one product.
    const shape = [...a.shape.slice(0, -1), ...b.shape.slice(1)];
    return multiplyAs(shape, [a.size / k, b.size / k, k], a, b);
  }
  if (rankA > 1) return batches(a, b);
  const product = batches(reshape(a, [1, k]), b);
  return reshape(product, product.shape.toSpliced(-2, 1));
}

/** The sum of the products of two vectors of one length, in double and rounded once: a tensor of shape []. */
export function dot(a: Tensor, b: Tensor): Tensor {
  checkRank('a', a, 1);
  checkRank('b', b, 1);
  if (a.size !== b.size) throw new RangeError(`b must have ${a.size} elements as a, got ${b.size}`);
  checkSameType('b', b, a);
  const out = takeLike(a, 1);
  kernels().dotProduct(a.size, 1, arrayOf(a), arrayOf(b), out);
  return recordProduct([], [1, 1, a.size], a, b, out);
}

/** The product of a matrix [m, k] and a vector [k]: [m]. */
export function mv(a: Tensor, b: Tensor): Tensor {
  checkRank('a', a, 2);
  checkRank('b', b, 1);
  return matmul(a, b);
}

/** Each element of a vector [m] times each of another [n]: [m, n]. */
export function outer(a: Tensor, b: Tensor): Tensor {
  checkRank('a', a, 1);
  checkRank('b', b, 1);
  return mul(reshape(a, [a.size, 1]), b);
}
