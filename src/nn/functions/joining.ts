import { joined } from '../../array/dimensions.js';
import { rowMajor } from '../../array/pieces.js';
import { stepsOf } from '../../array/strided.js';
import { checkAxis } from '../../core/axes.js';
import { sameShape, showShape } from '../../core/shapes.js';
import { show } from '../../core/validate.js';
import { checkTensor, type Tensor } from '../engine/tensor.js';
import { checkSameType } from './check.js';
import { join } from './pick.js';
import { unsqueeze } from './squeezing.js';

function checkTensors(tensors: readonly Tensor[]): void {
  if (!Array.isArray(tensors)) throw new TypeError(`tensors must be an array, got ${show(tensors)}`);
  if (tensors.length === 0) throw new RangeError('tensors must have at least one tensor, got none');
  const first: unknown = tensors[0];
  checkTensor('tensors[0]', first);
  for (const [i, one] of tensors.entries()) checkSameType(`tensors[${i}]`, one, first);
}

/**
 * The tensors one after the other along an axis; their other lengths are the same. Default axis 0.
 * @throws RangeError naming the tensor that does not fit.
 */
export function cat(tensors: readonly Tensor[], axis = 0): Tensor {
  checkTensors(tensors);
  const [{ shape: like }] = tensors;
  const d = checkAxis('axis', axis, like.length);
  const shape = joined(
    tensors.map((one) => one.shape),
    d,
    'tensors',
  );
  const steps = stepsOf(shape);
  let at = 0;
  const pieces = tensors.map(({ shape: sizes }) => {
    const start = at * steps[d];
    at += sizes[d];
    return { sizes, from: rowMajor(sizes), to: { start, steps } };
  });
  return join('cat', tensors, pieces, shape);
}

/** The tensors, all of one shape, along a new axis: 0 by default, the first. */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  checkTensors(tensors);
  const [{ shape: like }] = tensors;
  for (const [i, { shape }] of tensors.entries()) {
    if (!sameShape(shape, like)) {
      throw new RangeError(
        `tensors[${i}] must have the shape ${showShape(like)} of the first, got ${showShape(shape)}`,
      );
    }
  }
  const d = checkAxis('axis', axis, like.length + 1);
  return cat(
    tensors.map((one) => unsqueeze(one, d)),
    d,
  );
}
