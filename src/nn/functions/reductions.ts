import { type Axes, checkAxes, linesOf, reducedShape } from '../../core/axes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkBoolean, checkOneOf } from '../../core/validate.js';
import { type Tensor, tensorOf, variableOf } from '../engine/tensor.js';
import { reduceAlong, sumAlong } from '../operations/reductions.js';

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
