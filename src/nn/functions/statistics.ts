import { fill, kernels } from '../../backend/stream.js';
import { type Axes, checkAxes, reducedShape } from '../../core/axes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { Shape } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { checkBoolean, checkNumber } from '../../core/validate.js';
import { give, record, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, checkTensor, type Tensor } from '../engine/tensor.js';
import { apply, type Operand, operandOf, select } from './operands.js';
import { type ReductionOptions, reduceInto } from './reductions.js';

// Reductions in several passes, each of which is a kernel.

/** See {@link variance} and {@link std}. */
export interface VarianceOptions extends ReductionOptions {
  /** What is taken from the number of elements in the divisor. Default 1, Bessel's correction; 0 of all that there is. */
  readonly correction?: number;
}

const VARIANCE_OPTIONS: OptionNames<VarianceOptions> = { axes: true, keepDim: true, correction: true };
const REDUCTION_OPTIONS: OptionNames<ReductionOptions> = { axes: true, keepDim: true };

interface Plan {
  readonly axes: readonly number[];
  /** What is left, and the same with lengths of 1, which is repeated to the shape of x. */
  readonly shape: Shape;
  readonly kept: Shape;
  readonly terms: number;
}

function planOf(x: Tensor, given: Axes | undefined, keepDim: unknown): Plan {
  checkBoolean('keepDim', keepDim);
  const axes = checkAxes(given, x.shape.length);
  const kept = reducedShape(x.shape, axes, true);
  const shape = keepDim ? kept : reducedShape(x.shape, axes, false);
  return { axes, shape, kept, terms: axes.reduce((product, d) => product * x.shape[d], 1) };
}

/** The variance, or its root: the mean, the squared differences from it, and their mean. */
function spread(name: 'var' | 'std') {
  return (x: Tensor, options: VarianceOptions = {}): Tensor => {
    checkTensor('x', x);
    checkOptions(name, options, VARIANCE_OPTIONS);
    const { axes: given, keepDim = false, correction = 1 } = options;
    checkNumber('correction', correction);
    const { axes, shape, kept, terms } = planOf(x, given, keepDim);
    const factor = 1 / Math.max(0, terms - correction);
    const mean = takeLike(x, x.size / terms);
    const out = takeLike(x, mean.length);
    const squares = takeLike(x);
    reduceInto('sum', x, axes, arrayOf(x), mean, 1 / terms);
    apply('squaredDifference', operandOf(x), { array: mean, shape: kept }, x.shape, squares);
    reduceInto('sum', x, axes, squares, out, factor);
    pool.release(squares);
    if (name === 'std') kernels().sqrtForward(out.length, out, out);
    const isRoot = name === 'std';
    return record({ name, shape, out, inputs: [x], reads: [x], readsOutput: isRoot, saved: [mean] }, (dy) => {
      if (isRoot) rootSlope(x, out, dy);
      kernels().mulScalar(dy.length, isRoot ? factor : 2 * factor, dy, dy);
      const dx = takeLike(x);
      apply('sub', operandOf(x), { array: mean, shape: kept }, x.shape, dx);
      apply('mul', { array: dx, shape: x.shape }, { array: dy, shape: kept }, x.shape, dx);
      pool.release(dy);
      give(x, dx);
    });
  };
}

/** dy / y, which is twice that of a root, and 0 where y is 0: a line of equal numbers has no slope. */
function rootSlope(x: Tensor, y: FloatArray, dy: FloatArray): void {
  const [quotient, none] = [takeLike(x, y.length), takeLike(x, 1)];
  const flat = [y.length];
  kernels().div(0, 1, 1, y.length, dy, y, quotient);
  const zero = { array: fill(none, 0), shape: [] };
  select([{ array: y, shape: flat }, { array: quotient, shape: flat }, zero], flat, dy);
  pool.release(quotient);
  pool.release(none);
}

/**
 * The variance over the axes: the sum of the squared differences from the mean, over the number of elements less `correction`
 * (0 where that is below 0: NaN or Infinity). Sums are in double. PyTorch's `var`, which is a word of JavaScript.
 */
export const variance = spread('var');
/** The root of {@link variance}. Where it is 0, so is its gradient. */
export const std = spread('std');

/**
 * log(the sum of exp(x)) over the axes, stable for x of any size; -Infinity where all are, Infinity where one is. The gradient is
 * the softmax.
 */
export function logSumExp(x: Tensor, options: ReductionOptions = {}): Tensor {
  checkTensor('x', x);
  checkOptions('logSumExp', options, REDUCTION_OPTIONS);
  const { axes: given, keepDim = false } = options;
  const { axes, shape, kept, terms } = planOf(x, given, keepDim);
  const out = takeLike(x, x.size / terms);
  const shift = takeLike(x, out.length);
  const shifted = takeLike(x);
  reduceInto('amax', x, axes, arrayOf(x), shift);
  zeroInfinite(x, shift);
  apply('sub', operandOf(x), { array: shift, shape: kept }, x.shape, shifted);
  kernels().expForward(shifted.length, shifted, shifted);
  reduceInto('sum', x, axes, shifted, out);
  kernels().logForward(out.length, out, out);
  kernels().add(0, 1, 1, out.length, out, shift, out);
  pool.release(shift);
  pool.release(shifted);
  return record({ name: 'logSumExp', shape, out, inputs: [x], reads: [x], readsOutput: true }, (dy) => {
    const [dx, finite] = [takeLike(x), takeLike(x, out.length)];
    kernels().mulScalar(out.length, 1, out, finite);
    zeroInfinite(x, finite);
    apply('sub', operandOf(x), { array: finite, shape: kept }, x.shape, dx);
    kernels().expForward(dx.length, dx, dx);
    const slope: Operand = { array: dy, shape: kept };
    apply('mul', { array: dx, shape: x.shape }, slope, x.shape, dx);
    pool.release(finite);
    pool.release(dy);
    give(x, dx);
  });
}

/** 0 in the place of infinite numbers: y - y is 0 of finite ones, and NaN of others. */
function zeroInfinite(x: Tensor, y: FloatArray): void {
  const [rest, none] = [takeLike(x, y.length), takeLike(x, 1)];
  const flat = [y.length];
  kernels().sub(0, 1, 1, y.length, y, y, rest);
  const zero = { array: fill(none, 0), shape: [] };
  apply('eq', { array: rest, shape: flat }, zero, flat, rest);
  select([{ array: rest, shape: flat }, { array: y, shape: flat }, zero], flat, y);
  pool.release(rest);
  pool.release(none);
}
