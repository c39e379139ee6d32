import { kernels } from '../../backend/stream.js';
import { broadcastShape } from '../../core/broadcasting.js';
import { sameShape, showShape } from '../../core/shapes.js';
import { checkInteger } from '../../core/validate.js';
import { give, record, takeLike } from '../engine/autograd.js';
import { arrayOf, checkTensor, type Tensor } from '../engine/tensor.js';
import { where } from './arithmetic.js';
import type { Operand } from './elementwise.js';

/**
 * `value` where the mask is not 0, else x. No gradient flows to the mask.
 * @param mask of the shape of x, or of one that is repeated to it as in `add`.
 * @param value a number, or a tensor of shape [].
 */
export function maskedFill(x: Tensor, mask: Tensor, value: Operand): Tensor {
  checkTensor('x', x);
  checkTensor('mask', mask);
  const shape = broadcastShape([x.shape, mask.shape]);
  if (shape === undefined || !sameShape(shape, x.shape)) {
    throw new RangeError(
      `mask must have shape ${showShape(x.shape)}, or lengths of 1 in it, got ${showShape(mask.shape)}`,
    );
  }
  if (typeof value !== 'number') {
    checkTensor('value', value);
    if (value.shape.length > 0) {
      throw new RangeError(`value must be a number or a tensor of shape [], got ${showShape(value.shape)}`);
    }
  }
  return where(mask, value, x);
}

/** The lower triangle of each matrix with `diagonal` ones right of its own diagonal, or the upper one without as many. */
function triangle(name: string, x: Tensor, diagonal: number, upper: number): Tensor {
  checkTensor('x', x);
  checkInteger('diagonal', diagonal, Number.MIN_SAFE_INTEGER);
  if (x.shape.length < 2) {
    throw new RangeError(`x must have at least two dimensions, got shape ${showShape(x.shape)}`);
  }
  const [rows, columns] = x.shape.slice(-2);
  const outer = x.size / (rows * columns);
  const out = takeLike(x);
  kernels().triangle(outer, rows, columns, upper, diagonal, arrayOf(x), out);
  return record({ name, out, inputs: [x] }, (gradient) => {
    kernels().triangle(outer, rows, columns, upper, diagonal, gradient, gradient);
    give(x, gradient);
  });
}

/** x [..., rows, columns] with 0 above the diagonal; `diagonal` ones further right with it, default 0. */
export function tril(x: Tensor, diagonal = 0): Tensor {
  return triangle('tril', x, diagonal, 0);
}

/** x [..., rows, columns] with 0 below the diagonal, or below the one `diagonal` further right, default 0. */
export function triu(x: Tensor, diagonal = 0): Tensor {
  return triangle('triu', x, diagonal, 1);
}
