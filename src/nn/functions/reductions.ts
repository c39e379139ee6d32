import { kernels } from '../../backend/select.js';
import { type Axes, checkAxes, type Line, linesOf, reducedShape } from '../../core/axes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { FloatArray } from '../../core/types.js';
import { checkBoolean, checkOneOf } from '../../core/validate.js';
import { contribute, give, record, takeLike, type Variable } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { type Tensor, tensorOf, variableOf } from '../engine/tensor.js';

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

function plan(owner: string, x: unknown, options: ReductionOptions) {
  const variable = variableOf('x', x);
  checkOptions(owner, options, REDUCTION_OPTIONS);
  const { axes: given, keepDim = false } = options;
  checkBoolean('keepDim', keepDim);
  const axes = checkAxes(given, variable.shape.length);
  const lines = linesOf(variable.shape, axes);
  return { variable, lines, shape: reducedShape(variable.shape, axes, keepDim) };
}

/** The sum over the axes, in double. Axes that are not neighbours are summed one after the other. */
export function sum(x: Tensor, options: ReductionOptions = {}): Tensor {
  const { variable, lines, shape } = plan('sum', x, options);
  return tensorOf(sumAlong(variable, lines, 1, shape));
}

/** The mean over the axes, as {@link sum}. */
export function mean(x: Tensor, options: ReductionOptions = {}): Tensor {
  const { variable, lines, shape } = plan('mean', x, options);
  const terms = lines.reduce((product, { count }) => product * count, 1);
  return tensorOf(sumAlong(variable, lines, 1 / terms, shape));
}

function reduction(name: 'prod' | 'amax' | 'amin') {
  return (x: Tensor, options: ReductionOptions = {}): Tensor => {
    const { variable, lines, shape } = plan(name, x, options);
    return tensorOf(reduceAlong(name, variable, lines, shape));
  };
}

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
  const { variable, lines, shape } = plan('norm', x, rest);
  return tensorOf(reduceAlong(norms[p], variable, lines, shape));
}

/** `factor` times the sum of all elements, a single number: the sum and the mean. */
export function scaledSum(x: Variable, factor: number): Variable {
  return sumAlong(x, [{ outer: 1, count: x.size, inner: 1 }], factor, []);
}

/** Adds `x`, summed along the lines one after the other, to the gradient of `variable`. */
export function giveSum(variable: Variable, lines: readonly Line[], x: FloatArray): void {
  if (!variable.needsGradient) return;
  let sums = x;
  for (const { outer, count, inner } of lines) {
    const next = takeLike(variable, outer * inner);
    kernels().sum(outer, count, inner, 1, sums, next);
    if (sums !== x) pool.release(sums);
    sums = next;
  }
  give(variable, sums);
}

/** `factor` times the sum along the lines, one after the other. */
function sumAlong(x: Variable, lines: readonly Line[], factor: number, shape: readonly number[]): Variable {
  return lines.reduce((variable, line, i) => {
    const { outer, count, inner } = line;
    const alpha = i === lines.length - 1 ? factor : 1;
    const out = takeLike(variable, outer * inner);
    kernels().sum(outer, count, inner, alpha, variable.array, out);
    return record({
      name: 'sum',
      shape: i === lines.length - 1 ? shape : [out.length],
      out,
      inputs: [variable],
      backward(gradient) {
        contribute(variable, (into, accumulate) =>
          kernels().sumBackward(outer, count, inner, accumulate, alpha, gradient, into),
        );
        pool.release(gradient);
      },
    });
  }, x);
}

/** The kernel of each gradient. */
const gradients = {
  prod: 'prodBackward',
  amax: 'extremeBackward',
  amin: 'extremeBackward',
  norm1: 'norm1Backward',
  norm2: 'norm2Backward',
  normInf: 'normInfBackward',
} as const;

/** A reduction along the lines, one after the other. */
function reduceAlong(
  name: keyof typeof gradients,
  x: Variable,
  lines: readonly Line[],
  shape: readonly number[],
): Variable {
  return lines.reduce((variable, line, i) => {
    const { outer, count, inner } = line;
    const y = takeLike(variable, outer * inner);
    kernels()[name](outer, count, inner, 1, variable.array, y);
    return record({
      name,
      shape: i === lines.length - 1 ? shape : [y.length],
      out: y,
      inputs: [variable],
      reads: [variable],
      readsOutput: true,
      backward(gradient) {
        contribute(variable, (into, accumulate) =>
          kernels()[gradients[name]](outer, count, inner, accumulate, variable.array, y, gradient, into),
        );
        pool.release(gradient);
      },
    });
  }, x);
}
