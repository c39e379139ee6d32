import { type EinsumOperations, einsumOf } from '../../core/einsum.js';
import type { Shape } from '../../core/shapes.js';
import { checkTensor, type Tensor } from '../engine/tensor.js';
import { mul } from './arithmetic.js';
import { bmm } from './bmm.js';
import { checkSameType } from './check.js';
import { permute } from './permute.js';
import { multiplyMatrices } from './products.js';
import { sum } from './reductions.js';
import { reshape } from './shaping.js';
import { slice } from './slicing.js';

const OPERATIONS: EinsumOperations<Tensor> = {
  shapeOf: ({ shape }) => shape,
  reshape,
  permute: (x, axes) => permute(x, { axes }),
  sum: (x, axes) => sum(x, { axes }),
  diagonal: (x, rows, n) => slice(reshape(x, [rows, n * n]), 1, 0, n * n, n + 1),
  multiply(a, b, { batch, m, n, k }, transposed, shape) {
    if (batch === 1 && !transposed) {
      return reshape(multiplyMatrices(reshape(a, [m, k]), reshape(b, [k, n])), shape);
    }
    const right: Shape = transposed ? [batch, n, k] : [batch, k, n];
    return reshape(bmm(reshape(a, [batch, m, k]), reshape(b, right), { transposeB: transposed }), shape);
  },
  scale: (a, b, { batch, m, n }, shape) =>
    reshape(mul(reshape(a, [batch, m, 1]), reshape(b, [batch, 1, n])), shape),
};

/**
 * Einstein's sums, as NumPy and PyTorch have them: 'ij,jk->ik' is a product of matrices. A letter names a dimension: those that
 * the result lacks are summed over, '...' is as many as are left, and a letter twice in an operand is its diagonal. Without '->' the
 * result has those of '...' and then, sorted, the letters that are there once.
 *
 * Operands are multiplied two at a time, the first ones first, as batches of products of matrices: permuted where their order is
 * another one, and summed before where no other operand has a letter.
 * @param operands one or more, with one length for each letter, or 1, which is repeated.
 * @throws RangeError where the equation is none, or does not fit the operands.
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  if (operands.length === 0) throw new RangeError('einsum takes one operand at least, got none');
  const [first] = operands;
  checkTensor('operands[0]', first);
  for (const [i, one] of operands.entries()) checkSameType(`operands[${i}]`, one, first);
  return einsumOf(OPERATIONS, equation, operands);
}
