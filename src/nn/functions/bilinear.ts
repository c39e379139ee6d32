import { checkOptions, type OptionNames } from '../../core/options.js';
import { showShape } from '../../core/shapes.js';
import { checkTensor, type Tensor } from '../engine/tensor.js';
import { affine } from './affine.js';
import { mul } from './arithmetic.js';
import { checkSameShape, checkSameType, matrixOf } from './check.js';
import { LINEAR } from './products.js';

/** See {@link bilinear}. */
export interface BilinearFunctionOptions {
  /** One number for each output. Default: none. */
  readonly bias?: Tensor | null;
}

const BILINEAR_OPTIONS: OptionNames<BilinearFunctionOptions> = { bias: true };

/**
 * y[...][o] = bias[o] + the sum over i, j of x1[...][i] weight[o][i][j] x2[...][j]. It holds the products of all i and j.
 * @param x1 [..., inputs1].
 * @param x2 [..., inputs2], with the other dimensions of x1.
 * @param weight [outputs, inputs1, inputs2].
 * @returns [..., outputs].
 */
export function bilinear(
  x1: Tensor,
  x2: Tensor,
  weight: Tensor,
  options: BilinearFunctionOptions = {},
): Tensor {
  checkTensor('weight', weight);
  checkOptions('bilinear', options, BILINEAR_OPTIONS);
  const { bias = null } = options;
  const [outputs, inputs1, inputs2] = weight.shape;
  if (weight.shape.length !== 3) {
    throw new RangeError(
      `weight must have shape [outputs, inputs1, inputs2], got ${showShape(weight.shape)}`,
    );
  }
  checkSameType('x1', x1, weight);
  const { rows, columns } = matrixOf('x1', x1);
  if (columns !== inputs1)
    throw new RangeError(`x1 must have ${inputs1} columns, got shape ${showShape(x1.shape)}`);
  const outer = x1.shape.slice(0, -1);
  checkSameShape('x2', x2, weight, [...outer, inputs2]);
  const pairs = mul(x1.reshape([rows, inputs1, 1]), x2.reshape([rows, 1, inputs2]));
  return affine(LINEAR, [rows, outputs, inputs1 * inputs2], [...outer, outputs], pairs, weight, bias, null);
}
