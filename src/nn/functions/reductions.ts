import { kernels } from '../../backend/stream.js';
import { type Axes, checkAxes, type Line, linesOf, reducedShape } from '../../core/axes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { FloatArray } from '../../core/types.js';
import { checkBoolean, checkOneOf } from '../../core/validate.js';
import { contribute, give, giveUniform, record, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, checkTensor, type Tensor } from '../engine/tensor.js';

export interface ReductionOptions {
  /** What to reduce: axes from -rank to rank - 1. Default: all. */
  readonly axes?: Axes;
  /** Whether reduced axes stay, with the length 1. Default false. */
  readonly keepDim?: boolean;
}

const REDUCTION_OPTIONS: OptionNames<ReductionOptions> = { axes: true, keepDim: true };

export interface NormOptions extends ReductionOptions {
  /** 1: the sum of magnitudes; 2, the default: the root of the sum of squares; Infinity: the largest magnitude. */
  readonly p?: number;
}

const NORM_OPTIONS: OptionNames<NormOptions> = { axes: true, keepDim: true, p: true };

/** How the way back of each reduction goes; a sum's reads nothing. */
const gradients = {
  prod: 'prodBackward',
  amax: 'extremeBackward',
  amin: 'extremeBackward',
  norm1: 'norm1Backward',
  norm2: 'norm2Backward',
  normInf: 'normInfBackward',
} as const;

type Name = 'sum' | keyof typeof gradients;

function reduction(name: Name, isMean = false) {
  const owner = isMean ? 'mean' : name;
  return (x: Tensor, options: ReductionOptions = {}): Tensor => reduce(owner, name, x, options, isMean);
}

/** The sum over the axes, in double. Axes that are not neighbours are summed one after the other. */
export const sum = reduction('sum');
/** The mean over the axes, as {@link sum}. */
export const mean = reduction('sum', true);
/** The product over the axes, in double. */
export const prod = reduction('prod');
/** The largest element over the axes, NaN where there is one. Elements that are as large share the gradient evenly. */
export const amax = reduction('amax');
/** The smallest element over the axes, as {@link amax}. */
export const amin = reduction('amin');

const norms = { 1: 'norm1', 2: 'norm2', [Number.POSITIVE_INFINITY]: 'normInf' } as const;

/** The p-norm over the axes, in double. Where it is 0, so is its gradient. */
export function norm(x: Tensor, options: NormOptions = {}): Tensor {
  checkOptions('norm', options, NORM_OPTIONS);
  const { p = 2, ...rest } = options;
  checkOneOf('p', p, [1, 2, Number.POSITIVE_INFINITY]);
  return reduce('norm', norms[p], x, rest);
}

function reduce(owner: string, name: Name, x: Tensor, options: ReductionOptions, isMean = false): Tensor {
  checkTensor('x', x);
  checkOptions(owner, options, REDUCTION_OPTIONS);
  const { axes: given, keepDim = false } = options;
  checkBoolean('keepDim', keepDim);
  const axes = checkAxes(given, x.shape.length);
  const shape = reducedShape(x.shape, axes, keepDim);
  const lines = linesOf(x.shape, axes);
  const terms = isMean ? lines.reduce((product, { count }) => product * count, 1) : 1;
  const last = lines.length - 1;
  return lines.reduce(
    (y, line, i) => (i === last ? reduceLine(name, y, line, 1 / terms, shape) : reduceLine(name, y, line)),
    x,
  );
}

/** `factor` times the reduction along one line of several: all but the last give rows of numbers. */
function reduceLine(
  name: Name,
  x: Tensor,
  line: Line,
  factor = 1,
  shape: readonly number[] = [line.outer * line.inner],
): Tensor {
  const { outer, count, inner } = line;
  const y = takeLike(x, outer * inner);
  kernels()[name](outer, count, inner, factor, arrayOf(x), y);
  const reads = name === 'sum' ? undefined : [x];
  return record({ name, shape, out: y, inputs: [x], reads, readsOutput: name !== 'sum' }, (gradient) => {
    if (name === 'sum' && y.length === 1) {
      if (factor !== 1) kernels().mulScalar(1, factor, gradient, gradient);
      giveUniform(x, gradient);
      return;
    }
    contribute(x, (into, accumulate) => {
      const sizes = [outer, count, inner, accumulate] as const;
      if (name === 'sum') kernels().sumBackward(...sizes, factor, gradient, into);
      else kernels()[gradients[name]](...sizes, arrayOf(x), y, gradient, into);
    });
    pool.release(gradient);
  });
}

/** `factor` times the sum of all elements: one number. */
export function sumAll(x: Tensor, factor: number): Tensor {
  return reduceLine('sum', x, { outer: 1, count: x.size, inner: 1 }, factor, []);
}

/** out = `factor` times the reduction of `from`, which has the shape of x, over its axes. */
export function reduceInto(
  name: 'sum' | 'amax',
  x: Tensor,
  axes: readonly number[],
  from: FloatArray,
  out: FloatArray,
  factor = 1,
): void {
  const lines = linesOf(x.shape, axes);
  let left = from;
  lines.forEach(({ outer, count, inner }, i) => {
    const isLast = i === lines.length - 1;
    const next = isLast ? out : takeLike(x, outer * inner);
    kernels()[name](outer, count, inner, isLast ? factor : 1, left, next);
    if (left !== from) pool.release(left);
    left = next;
  });
}

/** Adds `x`, summed along the lines one after the other, to the gradient of `tensor`. */
export function giveSum(tensor: Tensor, lines: readonly Line[], x: FloatArray): void {
  if (!tensor.requiresGrad) return;
  let sums = x;
  for (const { outer, count, inner } of lines) {
    const next = takeLike(tensor, outer * inner);
    kernels().sum(outer, count, inner, 1, sums, next);
    if (sums !== x) pool.release(sums);
    sums = next;
  }
  give(tensor, sums);
}
