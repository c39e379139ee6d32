import { type Axes, checkAxes, checkAxis } from '../../core/axes.js';
import { checkTensor, type Tensor } from '../engine/tensor.js';
import { reshape } from './shaping.js';

/** x without its dimensions of length 1, in the same memory. @param axes those to look at; others stay. Default: all. */
export function squeeze(x: Tensor, axes?: Axes): Tensor {
  checkTensor('x', x);
  const looked = checkAxes(axes, x.shape.length);
  return reshape(
    x,
    x.shape.filter((length, d) => length !== 1 || !looked.includes(d)),
  );
}

/** x with a new dimension of length 1 at this place of the result's, in the same memory. */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  checkTensor('x', x);
  const shape = [...x.shape];
  shape.splice(checkAxis('axis', axis, shape.length + 1), 0, 1);
  return reshape(x, shape);
}
