import { checkPermutation } from '../../core/axes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { showShape } from '../../core/shapes.js';
import { type Tensor, tensorOf, variableOf } from '../engine/tensor.js';
import * as operations from '../operations/permute.js';

/** See {@link permute}. */
export interface PermuteOptions {
  /** For each dimension of the result, which one of x it is; negative ones count from the last. */
  readonly axes: readonly number[];
}

const OPTIONS: OptionNames<PermuteOptions> = { axes: true };

/** x with its dimensions in another order: the result has the shape axes.map((axis) => x.shape[axis]). A copy. */
export function permute(x: Tensor, options: PermuteOptions): Tensor {
  const variable = variableOf('x', x);
  checkOptions('permute', options, OPTIONS);
  const { axes } = options;
  return tensorOf(operations.permute(variable, checkPermutation(axes, variable.shape.length)));
}

/** x with its last two dimensions exchanged: [..., rows, columns] to [..., columns, rows]. A copy. */
export function transpose(x: Tensor): Tensor {
  const variable = variableOf('x', x);
  const rank = variable.shape.length;
  if (rank < 2) {
    throw new RangeError(`x must have at least two dimensions, got shape ${showShape(variable.shape)}`);
  }
  const axes = variable.shape.map((_, d) => (d < rank - 2 ? d : 2 * rank - 3 - d));
  return tensorOf(operations.permute(variable, axes));
}
