import { showShape } from '../../core/shapes.js';
import { checkTensor, type Tensor } from '../engine/tensor.js';
import { Module } from './module.js';

/** Each sample as a row: [batch, ...] to [batch, elements of a sample], in the same memory. */
export class Flatten extends Module {
  override forward(x: Tensor): Tensor {
    checkTensor('x', x);
    const { shape, size } = x;
    if (shape.length === 0)
      throw new RangeError(`x must have at least one dimension, got ${showShape(shape)}`);
    return x.reshape([shape[0], size / shape[0]]);
  }
}
