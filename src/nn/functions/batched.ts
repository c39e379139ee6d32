import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkBoolean, checkFinite } from '../../core/validate.js';
import { type Tensor, tensorOf, variableOf } from '../engine/tensor.js';
import { batchedProduct } from '../operations/batched.js';

/** See {@link bmm}. */
export interface BmmOptions {
  /** Whether b is [..., n, k] and is multiplied as its transpose. Default false. */
  readonly transposeB?: boolean;
  /** What the products are multiplied by. Default 1. */
  readonly scale?: number;
}

const OPTIONS: OptionNames<BmmOptions> = { transposeB: true, scale: true };

/**
 * The matrix products of two batches of matrices: scale a b for each.
 * @param a [..., m, k].
 * @param b [..., k, n], or [..., n, k] with `transposeB`; its other dimensions are those of a.
 * @returns [..., m, n].
 */
export function bmm(a: Tensor, b: Tensor, options: BmmOptions = {}): Tensor {
  checkOptions('bmm', options, OPTIONS);
  const { transposeB = false, scale = 1 } = options;
  checkBoolean('transposeB', transposeB);
  checkFinite('scale', scale);
  return tensorOf(batchedProduct(variableOf('a', a), variableOf('b', b), transposeB, scale));
}
