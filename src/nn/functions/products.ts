import type { Activation } from '../../backend/contract/activations.js';
import type { UnaryName } from '../../backend/contract/kernels.js';
import { gemm } from '../../backend/named.js';
import { kernels } from '../../backend/stream.js';
import { type Shape, showShape } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { contribute, factorsRead, record, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, type Tensor } from '../engine/tensor.js';
import { affine, type Product } from './affine.js';
import { checkSameType, matrixOf } from './check.js';

/** C = activation(op(A) op(B) + beta C + bias), where op transposes what is marked, of matrices without gaps. */
export function multiply(
  [transA, transB]: readonly [boolean, boolean],
  [m, n, k]: readonly [m: number, n: number, k: number],
  a: FloatArray,
  b: FloatArray,
  beta: 0 | 1,
  c: FloatArray,
  bias: FloatArray | null = null,
  activation: Activation = 'none',
): void {
  const [lda, ldb] = [transA ? m : k, transB ? k : n];
  gemm(kernels(), { transA, transB, m, n, k, lda, ldb, ldc: n, alpha: 1, beta, activation, a, b, bias, c });
}

/** The matrix product a b of [m, k] and [k, n]. */
export function multiplyMatrices(a: Tensor, b: Tensor): Tensor {
  checkSameType('other', b, a);
  if (a.shape.length !== 2) throw new RangeError(`matmul takes matrices, got shape ${showShape(a.shape)}`);
  const [m, k] = a.shape;
  if (b.shape.length !== 2 || b.shape[0] !== k) {
    throw new RangeError(`other must have shape [${k}, columns], got ${showShape(b.shape)}`);
  }
  const n = b.shape[1];
  return multiplyAs([m, n], [m, n, k], a, b);
}

type Sizes = readonly [m: number, n: number, k: number];

/** The product of the elements of a as [m, k] and of b as [k, n], whatever shapes they have, as a tensor of this shape. */
export function multiplyAs(shape: Shape, sizes: Sizes, a: Tensor, b: Tensor): Tensor {
  const [m, n] = sizes;
  const out = takeLike(a, m * n);
  multiply([false, false], sizes, arrayOf(a), arrayOf(b), 0, out);
  return recordProduct(shape, sizes, a, b, out);
}

/** The tensor of a product that is computed, with its way back. */
export function recordProduct(shape: Shape, [m, n, k]: Sizes, a: Tensor, b: Tensor, out: FloatArray): Tensor {
  const reads = factorsRead(a, b);
  return record({ name: 'matmul', shape, out, inputs: [a, b], reads }, (gradient) => {
    contribute(b, (into, beta) => multiply([true, false], [k, n, m], arrayOf(a), gradient, beta, into));
    contribute(a, (into, beta) => multiply([false, true], [m, k, n], gradient, arrayOf(b), beta, into));
    pool.release(gradient);
  });
}

/** Whose sizes are those of the matrices, whatever shapes the tensors have. */
export const LINEAR: Product<readonly [rows: number, outputs: number, inputs: number]> = {
  name: 'linear',
  forward: (sizes, x, weight, bias, activation, y) =>
    multiply([false, true], sizes, x, weight, 0, y, bias, activation),
  toWeight: ([rows, outputs, inputs], x, gradient, into, beta) =>
    multiply([true, false], [outputs, inputs, rows], gradient, x, beta, into),
  toInput: ([rows, outputs, inputs], weight, gradient, into, beta) =>
    multiply([false, false], [rows, inputs, outputs], gradient, weight, beta, into),
};

/** x weight^T + bias, with x [..., inputs], weight [outputs, inputs] and bias [outputs] or null; then the function. */
export function linear(x: Tensor, weight: Tensor, bias: Tensor | null, activation: UnaryName | null): Tensor {
  checkSameType('x', x, weight);
  const [outputs, inputs] = weight.shape;
  const { rows, columns } = matrixOf('x', x);
  if (columns !== inputs) {
    throw new RangeError(`x must have ${inputs} columns, got shape ${showShape(x.shape)}`);
  }
  const shape = [...x.shape.slice(0, -1), outputs];
  return affine(LINEAR, [rows, outputs, inputs], shape, x, weight, bias, activation);
}
