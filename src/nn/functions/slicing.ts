import { flipped, partsOf, rolled, sliced } from '../../array/dimensions.js';
import { type Dimension, inTurn, whole } from '../../array/pieces.js';
import { type Axes, checkAxis } from '../../core/axes.js';
import type { Shape } from '../../core/shapes.js';
import { checkInteger } from '../../core/validate.js';
import { checkTensor, type Tensor } from '../engine/tensor.js';
import { pick } from './pick.js';
import { reshape } from './shaping.js';

// Parts of a tensor. All are copies, through which gradients flow; PyTorch's are views. Axes and indices below 0 count from the end.

/** x with another dimension in the place of one. */
function along(name: string, x: Tensor, axis: number, dimension: Dimension, shape?: Shape): Tensor {
  return pick(name, x, x.shape.map(whole).with(axis, dimension), shape && { shape });
}

/** x and one of its axes, from 0 on. */
function checkAlong(x: Tensor, axis: number): { axis: number; length: number } {
  checkTensor('x', x);
  const checked = checkAxis('axis', axis, x.shape.length);
  return { axis: checked, length: x.shape[checked] };
}

/** An index of an axis, from 0 on. */
function checkIndex(name: string, index: unknown, length: number): number {
  checkInteger(name, index, Number.MIN_SAFE_INTEGER);
  if (index < -length || index >= length) {
    throw new RangeError(`${name} must be from ${-length} to ${length - 1}, got ${index}`);
  }
  return index < 0 ? index + length : index;
}

/** `length` indices of an axis from `start` on: PyTorch's `narrow`. A start below 0 counts from the end. */
export function narrow(x: Tensor, axis: number, start: number, length: number): Tensor {
  const { axis: d, length: all } = checkAlong(x, axis);
  const first = checkIndex('start', start, all);
  checkInteger('length', length, 1);
  if (first + length > all) {
    throw new RangeError(`length must be at most ${all - first} from ${start} of ${all} on, got ${length}`);
  }
  return along('narrow', x, d, inTurn([first, 1, length]));
}

/** One index of an axis, which goes: PyTorch's `select`. */
export function select(x: Tensor, axis: number, index: number): Tensor {
  const { axis: d, length } = checkAlong(x, axis);
  const at = checkIndex('index', index, length);
  const shape = x.shape.filter((_, other) => other !== d);
  return along('select', x, d, inTurn([at, 1, 1]), shape);
}

/**
 * Every `step`th index of an axis from `start` to before `end`, as Python's `x[start:end:step]`: what lies outside is left
 * out, and a negative step goes backwards (which PyTorch refuses).
 * @param axis default 0.
 * @param start default: the first index, the last where step is negative.
 * @param end default: behind the last index, before the first where step is negative.
 * @param step not 0; default 1.
 * @throws RangeError where nothing is left.
 */
export function slice(x: Tensor, axis = 0, start?: number, end?: number, step = 1): Tensor {
  const { axis: d, length } = checkAlong(x, axis);
  return along('slice', x, d, sliced(length, start, end, step));
}

/**
 * x in parts along an axis: each of `size`, the last of what is left, or of the lengths that a list has.
 * @param size a length, or lengths whose sum is that of the axis.
 * @param axis default 0.
 */
export function split(x: Tensor, size: number | readonly number[], axis = 0): Tensor[] {
  const { axis: d, length } = checkAlong(x, axis);
  let start = 0;
  return partsOf(size, length).map((part) => {
    start += part;
    return along('split', x, d, inTurn([start - part, 1, part]));
  });
}

/** x in `chunks` parts of equal length along an axis, the last shorter; or in fewer, as in PyTorch. Default axis 0. */
export function chunk(x: Tensor, chunks: number, axis = 0): Tensor[] {
  const { length } = checkAlong(x, axis);
  checkInteger('chunks', chunks, 1);
  return split(x, Math.ceil(length / chunks), axis);
}

/** x at each index of an axis, which goes. Default axis 0. */
export function unbind(x: Tensor, axis = 0): Tensor[] {
  const { axis: d, length } = checkAlong(x, axis);
  return Array.from({ length }, (_, index) => select(x, d, index));
}

/** x with these axes in reverse. */
export function flip(x: Tensor, axes: Axes): Tensor {
  checkTensor('x', x);
  return pick('flip', x, flipped(x.shape, axes));
}

/**
 * x with its elements moved on by `shifts` along axes, those at the end coming back at the beginning.
 * @param shifts a whole number for each axis.
 * @param axes default: x is shifted as one row of all its elements.
 */
export function roll(x: Tensor, shifts: number | readonly number[], axes?: Axes): Tensor {
  checkTensor('x', x);
  if (axes === undefined) return reshape(roll(reshape(x, [-1]), shifts, 0), x.shape);
  return pick('roll', x, rolled(x.shape, shifts, axes));
}
