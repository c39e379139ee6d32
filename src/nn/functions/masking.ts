import { kernels, settledArray } from '../../backend/stream.js';
import { broadcastShape } from '../../core/broadcasting.js';
import { sameShape, showShape } from '../../core/shapes.js';
import type { ElementArray } from '../../core/types.js';
import { checkInteger, MAX_INT32 } from '../../core/validate.js';
import { give, record, takeLike } from '../engine/autograd.js';
import { arrayOf, checkTensor, elementsOf, type Tensor } from '../engine/tensor.js';
import { pickAlong } from './along.js';
import { where } from './arithmetic.js';
import type { Operand } from './elementwise.js';
import { expand } from './repeating.js';

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

/**
 * The elements of x where the mask is not 0, in their order, as one dimension. Waits for what is queued: how many there are is seen
 * by reading the mask.
 * @param mask of the shape of x, or of one that is repeated with it as in `add`.
 * @throws RangeError where there are none.
 */
export function maskedSelect(x: Tensor, mask: Tensor): Tensor {
  checkTensor('x', x);
  checkTensor('mask', mask);
  const shape = broadcastShape([x.shape, mask.shape]);
  if (shape === undefined) {
    throw new RangeError(
      `x and mask must have equal shapes but for lengths of 1, got ${showShape(x.shape)} and ${showShape(mask.shape)}`,
    );
  }
  const [whole, wholeMask] = [x, mask].map((one) => (sameShape(one.shape, shape) ? one : expand(one, shape)));
  const places = placesIn(settledArray(elementsOf(wholeMask)));
  if (places.length === 0) throw new RangeError('mask must have an element that is not 0, got none');
  const line = { outer: 1, count: whole.size, inner: 1 };
  return pickAlong(whole, line, places, { name: 'maskedSelect', shape: [places.length] });
}

/** Where a mask is not 0. */
function placesIn(mask: ElementArray): Int32Array {
  if (mask.length > MAX_INT32) {
    throw new RangeError(`mask must have at most ${MAX_INT32} elements, got ${mask.length}`);
  }
  let count = 0;
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) count++;
  const places = new Int32Array(count);
  for (let i = 0, at = 0; at < count; i++) if (mask[i] !== 0) places[at++] = i;
  return places;
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
