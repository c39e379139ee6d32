import { broadcastShape } from '../../core/broadcasting.js';
import { zeros } from '../../core/dtypes.js';
import { sameShape, showShape } from '../../core/shapes.js';
import { checkInteger } from '../../core/validate.js';
import { checkTensor, type Tensor, tensor } from '../engine/tensor.js';
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

/** x where `keeps` says of how far right of the diagonal an element is, else 0. */
function triangle(x: Tensor, keeps: (right: number) => boolean): Tensor {
  checkTensor('x', x);
  if (x.shape.length < 2) {
    throw new RangeError(`x must have at least two dimensions, got shape ${showShape(x.shape)}`);
  }
  const [rows, columns] = x.shape.slice(-2);
  const mask = zeros(x.dtype, rows * columns);
  for (let r = 0, i = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) mask[i++] = keeps(c - r) ? 1 : 0;
  }
  return where(tensor(mask, [rows, columns]), x, 0);
}

/** x [..., rows, columns] with 0 above the diagonal; `diagonal` ones further right with it, default 0. */
export function tril(x: Tensor, diagonal = 0): Tensor {
  checkInteger('diagonal', diagonal, Number.MIN_SAFE_INTEGER);
  return triangle(x, (right) => right <= diagonal);
}

/** x [..., rows, columns] with 0 below the diagonal, or below the one `diagonal` further right, default 0. */
export function triu(x: Tensor, diagonal = 0): Tensor {
  checkInteger('diagonal', diagonal, Number.MIN_SAFE_INTEGER);
  return triangle(x, (right) => right >= diagonal);
}
