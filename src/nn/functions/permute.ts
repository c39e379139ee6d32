import { permuteInto } from '../../array/transpose.js';
import { kernels } from '../../backend/stream.js';
import { checkPermutation } from '../../core/axes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { type Shape, showShape } from '../../core/shapes.js';
import type { ElementArray } from '../../core/types.js';
import { give, record, takeElements, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { checkTensor, elementsOf, type Tensor } from '../engine/tensor.js';

/** See {@link permute}. */
export interface PermuteOptions {
  /** For each dimension of the result, which one of x it is; negative ones count from the last. */
  readonly axes: readonly number[];
}

const OPTIONS: OptionNames<PermuteOptions> = { axes: true };

/** x with its dimensions in another order: the result has the shape axes.map((axis) => x.shape[axis]). A copy. */
export function permute(x: Tensor, options: PermuteOptions): Tensor {
  checkTensor('x', x);
  checkOptions('permute', options, OPTIONS);
  const { axes } = options;
  return permuted(x, checkPermutation(axes, x.shape.length));
}

/** x with its last two dimensions exchanged: [..., rows, columns] to [..., columns, rows]. A copy. */
export function transpose(x: Tensor): Tensor {
  checkTensor('x', x);
  const rank = x.shape.length;
  if (rank < 2) {
    throw new RangeError(`x must have at least two dimensions, got shape ${showShape(x.shape)}`);
  }
  const axes = x.shape.map((_, d) => (d < rank - 2 ? d : 2 * rank - 3 - d));
  return permuted(x, axes);
}

/** x with its dimensions in this order. */
function permuted(x: Tensor, axes: readonly number[]): Tensor {
  const shape = axes.map((axis) => x.shape[axis]);
  const out = takeElements(x);
  run(x, x.shape, axes, elementsOf(x), out);
  return record({ name: 'permute', detail: axes, shape, out, inputs: [x] }, (gradient) => {
    const back = axes.map((_, d) => axes.indexOf(d));
    const dx = takeLike(x);
    run(x, shape, back, gradient, dx);
    pool.release(gradient);
    give(x, dx);
  });
}

function run(
  like: Tensor,
  shape: Shape,
  axes: readonly number[],
  from: ElementArray,
  to: ElementArray,
): void {
  const borrowed: ElementArray[] = [];
  permuteInto(kernels(), shape, axes, from, to, () => {
    const array = takeElements(like);
    borrowed.push(array);
    return array;
  });
  for (const array of borrowed) pool.release(array);
}
