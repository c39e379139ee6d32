import { fill, kernels } from '../../backend/stream.js';
import { sizeOf } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { give, record, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, checkTensor, type Tensor } from '../engine/tensor.js';
import { type Operand as TensorOrNumber, whole } from './elementwise.js';
import { apply, giveSummed, meet, type Operand, operandOf } from './operands.js';

// Steps, and what is left of a number below them.

type Step = 'floor' | 'ceil' | 'round' | 'trunc' | 'sign';

/** Its gradient is 0, as in PyTorch. */
function step(name: Step) {
  return (x: Tensor): Tensor => {
    checkTensor('x', x);
    const out = takeLike(x);
    kernels()[name](x.size, arrayOf(x), out);
    return record({ name, out, inputs: [x] }, (gradient) => give(x, fill(gradient, 0)));
  };
}

/** The largest whole number that is not above x, of each element. The gradient is 0. */
export const floor = step('floor');
/** The smallest whole number that is not below x, as {@link floor}. */
export const ceil = step('ceil');
/** The nearest whole number, of two the even one, as {@link floor}. */
export const round = step('round');
/** x without its fraction, as {@link floor}. */
export const trunc = step('trunc');
/** 1 above 0, -1 below, or x itself where it is 0 or NaN (which PyTorch makes 0), as {@link floor}. */
export const sign = step('sign');

/** x - trunc(x), of each element: the gradient is that of x. */
export function frac(x: Tensor): Tensor {
  checkTensor('x', x);
  const out = takeLike(x);
  kernels().frac(x.size, arrayOf(x), out);
  return record({ name: 'frac', out, inputs: [x] }, (gradient) => give(x, gradient));
}

type Rest = (a: Operand, b: Operand, shape: readonly number[], out: FloatArray) => void;

const flooring: Rest = (a, b, shape, out) => apply('floorMod', a, b, shape, out);

/** |a| modulo |b|, which is exact, with the sign of a. */
function truncating(like: Tensor): Rest {
  return (a, b, shape, out) => {
    const [x, y] = [takeLike(like, a.array.length), takeLike(like, b.array.length)];
    const [magnitude, divisor] = [
      { array: x, shape: a.shape },
      { array: y, shape: b.shape },
    ];
    kernels().absForward(x.length, a.array, x);
    kernels().absForward(y.length, b.array, y);
    apply('floorMod', magnitude, divisor, shape, out);
    kernels().sign(x.length, a.array, x);
    apply('mul', { array: out, shape }, magnitude, shape, out);
    pool.release(x);
    pool.release(y);
  };
}

/** a less b times a quotient, which is constant. */
function rest(name: 'fmod' | 'remainder') {
  return (a: TensorOrNumber, b: TensorOrNumber): Tensor => {
    const { inputs, saved, shape } = meet([a, b], ['a', 'b']);
    const [x, y] = inputs;
    if (x.dtype === 'int32' && name === 'remainder') return whole('floorMod', { inputs, saved, shape });
    const out = takeLike(x, sizeOf(shape));
    const run = name === 'remainder' ? flooring : truncating(x);
    run(operandOf(x), operandOf(y), shape, out);
    const reads = y.requiresGrad ? [x, y] : [];
    return record({ name, shape, out, inputs, reads, saved }, (gradient) => {
      if (y.requiresGrad) {
        const slope = takeLike(x, out.length);
        apply('div', operandOf(x), operandOf(y), shape, slope);
        kernels()[name === 'remainder' ? 'floor' : 'trunc'](slope.length, slope, slope);
        kernels().mul(0, 1, 1, slope.length, slope, gradient, slope);
        kernels().mulScalar(slope.length, -1, slope, slope);
        giveSummed(y, shape, slope);
      }
      if (x.requiresGrad) giveSummed(x, shape, gradient);
      else pool.release(gradient);
    });
  };
}

/**
 * What a division leaves, with the sign of b, as Python's `%`: exact; NaN where b is 0. Lengths of 1 are repeated as in `add`. The
 * gradient is that of a - b floor(a / b).
 */
export const remainder = rest('remainder');
/** What a division leaves, with the sign of a, as C's `fmod`; else as {@link remainder}. */
export const fmod = rest('fmod');
