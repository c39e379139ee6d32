import { sameShape, showShape } from '../../core/shapes.js';
import type { Variable } from '../engine/autograd.js';

export function checkSameType(name: string, variable: Variable, like: Variable): void {
  if (variable.dtype !== like.dtype) {
    throw new TypeError(`${name} must be ${like.dtype} like the tensor it meets, got ${variable.dtype}`);
  }
}

export function checkSameShape(name: string, variable: Variable, like: Variable): void {
  checkSameType(name, variable, like);
  if (!sameShape(variable.shape, like.shape)) {
    throw new RangeError(
      `${name} must have shape ${showShape(like.shape)}, got ${showShape(variable.shape)}`,
    );
  }
}

/** The tensor as a matrix: its last dimension across, all others down. */
export function matrixOf(name: string, { shape, size }: Variable): { rows: number; columns: number } {
  const columns = shape.at(-1);
  if (columns === undefined) throw new RangeError(`${name} must have at least one dimension, got shape []`);
  return { rows: size / columns, columns };
}
