import { tiled } from '../../array/dimensions.js';
import { inTurn, whole } from '../../array/pieces.js';
import { readShape, type Shape, showShape } from '../../core/shapes.js';
import { show } from '../../core/validate.js';
import { checkTensor, type Tensor } from '../engine/tensor.js';
import { pick } from './pick.js';

// What has elements of x more than once: copies, whose gradients are summed over what was repeated.

/**
 * x with its lengths of 1 repeated to those of `shape`, matched from the last dimension, and with new dimensions before its own.
 * A copy, as PyTorch's `expand().clone()`: `add` and its like repeat without one.
 * @param shape lengths; -1 keeps that of x.
 */
export function expand(x: Tensor, shape: Shape): Tensor {
  checkTensor('x', x);
  const wanted = readShape('shape', shape, -1);
  const before = wanted.length - x.shape.length;
  const of = [...new Array<number>(Math.max(0, before)).fill(1), ...x.shape];
  const refuse = () => {
    throw new RangeError(`x of shape ${showShape(x.shape)} cannot be expanded to ${showShape(wanted)}`);
  };
  if (before < 0) refuse();
  const dimensions = wanted.map((length, d) => {
    if (length === -1 && d >= before) return whole(of[d]);
    if (length < 1 || (of[d] !== 1 && of[d] !== length)) return refuse();
    return of[d] === length ? whole(length) : inTurn([0, 0, length]);
  });
  return pick('expand', x, dimensions, { of });
}

/** x `counts[d]` times along each dimension, matched from the last; missing counts and missing dimensions are 1. */
export function tile(x: Tensor, counts: readonly number[]): Tensor {
  checkTensor('x', x);
  const { of, dimensions, shape } = tiled(x.shape, counts);
  return pick('tile', x, dimensions, { of, shape });
}

/** {@link tile} with a count for every dimension of x at least: PyTorch's `x.repeat()`. */
export function repeat(x: Tensor, counts: readonly number[]): Tensor {
  checkTensor('x', x);
  if (!Array.isArray(counts) || counts.length < x.shape.length) {
    throw new RangeError(`counts must have ${x.shape.length} numbers at least, got ${show(counts)}`);
  }
  return tile(x, counts);
}
