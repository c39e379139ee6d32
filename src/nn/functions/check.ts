import { sameShape, showShape } from '../../core/shapes.js';
import { checkTensor, type Tensor } from '../engine/tensor.js';

/** @throws TypeError where `value` is no tensor of the element type of `like`. */
export function checkSameType(name: string, value: unknown, like: Tensor): asserts value is Tensor {
  checkTensor(name, value);
  if (value.dtype !== like.dtype) {
    throw new TypeError(`${name} must be ${like.dtype} like the tensor it meets, got ${value.dtype}`);
  }
}

/** @throws TypeError or RangeError where `value` is no tensor of the element type of `like` and of this shape, its own. */
export function checkSameShape(name: string, value: Tensor, like: Tensor, shape = like.shape): void {
  checkSameType(name, value, like);
  if (!sameShape(value.shape, shape)) {
    throw new RangeError(`${name} must have shape ${showShape(shape)}, got ${showShape(value.shape)}`);
  }
}

/** The tensor as a matrix: its last dimension across, all others down. */
export function matrixOf(name: string, { shape, size }: Tensor): { rows: number; columns: number } {
  const columns = shape.at(-1);
  if (columns === undefined) throw new RangeError(`${name} must have at least one dimension, got shape []`);
  return { rows: size / columns, columns };
}
