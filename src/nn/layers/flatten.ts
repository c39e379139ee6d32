import { checkAxis } from '../../core/axes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { readShape, type Shape, showShape, sizeOf } from '../../core/shapes.js';
import { checkInteger } from '../../core/validate.js';
import { checkTensor, type Tensor } from '../engine/tensor.js';
import { Module } from './module.js';

export interface FlattenOptions {
  /** The first dimension that becomes part of the one; a negative one counts from the last. Default 1. */
  readonly startDim?: number;
  /** The last one. Default -1. */
  readonly endDim?: number;
}

const OPTIONS: OptionNames<FlattenOptions> = { startDim: true, endDim: true };

/**
 * Neighbouring dimensions as one, in the same memory. By default each sample as a row: [batch, ...] to [batch, elements of a
 * sample], which is one element where there is only a batch.
 */
export class Flatten extends Module {
  readonly startDim: number;
  readonly endDim: number;

  constructor(options: FlattenOptions = {}) {
    super();
    checkOptions('Flatten', options, OPTIONS);
    const { startDim = 1, endDim = -1 } = options;
    checkInteger('startDim', startDim, Number.NEGATIVE_INFINITY);
    checkInteger('endDim', endDim, Number.NEGATIVE_INFINITY);
    this.startDim = startDim;
    this.endDim = endDim;
  }

  override forward(x: Tensor): Tensor {
    checkTensor('x', x);
    if (x.shape.length === 0) throw new RangeError('x must have at least one dimension, got []');
    const shape = x.shape.length === 1 ? [...x.shape, 1] : x.shape;
    const start = checkAxis('startDim', this.startDim, shape.length);
    const end = checkAxis('endDim', this.endDim, shape.length);
    if (start > end) {
      throw new RangeError(
        `startDim must not be behind endDim, got ${this.startDim} and ${this.endDim} for shape ${showShape(shape)}`,
      );
    }
    return x.reshape([...shape.slice(0, start), sizeOf(shape, start, end + 1), ...shape.slice(end + 1)]);
  }
}

/** One dimension as several, in the same memory: what `Flatten` made one. */
export class Unflatten extends Module {
  readonly dim: number;
  readonly unflattenedSize: Shape;

  /**
   * @param dim which one; a negative one counts from the last.
   * @param unflattenedSize the lengths in its place; one may be -1: whatever is left.
   */
  constructor(dim: number, unflattenedSize: readonly number[]) {
    super();
    checkInteger('dim', dim, Number.NEGATIVE_INFINITY);
    const sizes = readShape('unflattenedSize', unflattenedSize, -1);
    if (sizes.length === 0 || sizes.includes(0) || sizes.indexOf(-1) !== sizes.lastIndexOf(-1)) {
      throw new RangeError(
        `unflattenedSize must be lengths of at least 1, or -1 for one of them, got ${showShape(sizes)}`,
      );
    }
    this.dim = dim;
    this.unflattenedSize = sizes;
  }

  override forward(x: Tensor): Tensor {
    checkTensor('x', x);
    const { shape } = x;
    const axis = checkAxis('dim', this.dim, shape.length);
    const known = Math.abs(sizeOf(this.unflattenedSize));
    const left = shape[axis] / known;
    const sizes = this.unflattenedSize.map((length) => (length === -1 ? left : length));
    if (sizeOf(sizes) !== shape[axis] || !Number.isInteger(left)) {
      throw new RangeError(
        `x must have a dimension ${axis} of the elements of ${showShape(this.unflattenedSize)}, got shape ${showShape(shape)}`,
      );
    }
    return x.reshape([...shape.slice(0, axis), ...sizes, ...shape.slice(axis + 1)]);
  }
}
