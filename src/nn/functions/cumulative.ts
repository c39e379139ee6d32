import { kernels, settledArray } from '../../backend/stream.js';
import { checkAxis, type Line, lineOf } from '../../core/axes.js';
import type { FloatArray } from '../../core/types.js';
import { give, record, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, checkTensor, type Tensor } from '../engine/tensor.js';

// Running sums and products, each line of them one chain in double.

function checkLine(x: Tensor, axis: number): Line {
  checkTensor('x', x);
  return lineOf(x.shape, checkAxis('axis', axis, x.shape.length));
}

/** The sums of x along an axis up to each element. */
export function cumsum(x: Tensor, axis: number): Tensor {
  const { outer, count, inner } = checkLine(x, axis);
  const out = takeLike(x);
  kernels().cumsum(outer, count, inner, 0, 0, arrayOf(x), out);
  return record({ name: 'cumsum', out, inputs: [x] }, (gradient) => {
    kernels().cumsum(outer, count, inner, 0, 1, gradient, gradient);
    give(x, gradient);
  });
}

/** The products of x along an axis up to each element. The gradient needs no division: it holds where x is 0 as well. */
export function cumprod(x: Tensor, axis: number): Tensor {
  const line = checkLine(x, axis);
  const { outer, count, inner } = line;
  const out = takeLike(x);
  kernels().cumprod(outer, count, inner, 0, 0, arrayOf(x), out);
  return record({ name: 'cumprod', out, inputs: [x], reads: [x] }, (gradient) => {
    const before = takeLike(x);
    kernels().cumprod(outer, count, inner, 1, 0, arrayOf(x), before);
    sumProducts(line, settledArray(arrayOf(x)), settledArray(gradient));
    kernels().mul(0, 1, 1, x.size, before, gradient, gradient);
    pool.release(before);
    give(x, gradient);
  });
}

/** Makes of dy, in double, the sum of dy times the product of x from behind each element on: s[i] = dy[i] + x[i + 1] s[i + 1]. */
function sumProducts({ outer, count, inner }: Line, x: FloatArray, dy: FloatArray): void {
  for (let line = 0; line < outer * inner; line++) {
    let i = (Math.floor(line / inner) * count + count - 1) * inner + (line % inner);
    let sum = 0;
    let factor = 0;
    for (let r = count; r > 0; r--, i -= inner) {
      sum = dy[i] + factor * sum;
      factor = x[i];
      dy[i] = sum;
    }
  }
}
