import { kernels } from '../backend/select.js';
import { checkAxes, type Line, linesOf, reducedShape } from '../core/axes.js';
import { Broadcast } from '../core/broadcasting.js';
import { zerosLike } from '../core/float-arrays.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { readShape, type Shape } from '../core/shapes.js';
import type { FloatArray } from '../core/types.js';
import { checkNumber } from '../core/validate.js';
import { type AxesOptions, checkNotEmpty, checkReduction } from './lines.js';
import type { Reduction } from './reductions.js';

// Reductions in several passes, each of which is a kernel.

/** See {@link variance} and {@link std}. */
export interface VarianceOptions<A> extends AxesOptions<A> {
  /** What is taken from the number of elements in the divisor. Default 1, Bessel's correction; 0 of all that there is. */
  readonly correction?: number;
}

const VARIANCE: OptionNames<VarianceOptions<unknown>> = {
  shape: true,
  axes: true,
  out: true,
  correction: true,
};

interface Plan {
  readonly x: FloatArray;
  readonly lines: readonly Line[];
  readonly out: FloatArray;
  /** The shapes of x, and of what is left, with lengths of 1. */
  readonly shape: Shape;
  readonly kept: Shape;
  readonly terms: number;
}

function planOf(owner: string, given: unknown, options: AxesOptions<unknown>): Plan {
  const { x, lines, out } = checkReduction(owner, given, options);
  lines.forEach(checkNotEmpty);
  const shape = readShape('shape', options.shape ?? [x.length]);
  const axes = checkAxes(options.axes, shape.length);
  const terms = linesOf(shape, axes).reduce((product, { count }) => product * count, 1);
  return { x, lines, out, shape, kept: reducedShape(shape, axes, true), terms };
}

/** out = `factor` times the reduction of x. */
function reduce(
  name: 'sum' | 'amax',
  lines: readonly Line[],
  x: FloatArray,
  out: FloatArray,
  factor = 1,
): void {
  let from = x;
  lines.forEach(({ outer, count, inner }, i) => {
    const isLast = i === lines.length - 1;
    const to = isLast ? out : zerosLike(x, outer * inner);
    kernels()[name](outer, count, inner, isLast ? factor : 1, from, to);
    from = to;
  });
}

/** to = f(x, other), which is repeated to the shape of x. */
function against(
  name: 'sub' | 'squaredDifference',
  { x, shape, kept }: Plan,
  other: FloatArray,
  to: FloatArray,
): void {
  const broadcast = new Broadcast([shape, kept], shape);
  const { layout, outer, rows, columns } = broadcast;
  broadcast.run([x, other], to, ([a, b], into) => kernels()[name](layout, outer, rows, columns, a, b, into));
}

function spread(name: 'var' | 'std') {
  function run(x: FloatArray, options?: { readonly correction?: number }): number;
  function run<A extends FloatArray>(x: A, options: VarianceOptions<A>): A;
  function run(given: FloatArray, options: VarianceOptions<FloatArray> = {}): number | FloatArray {
    checkOptions(name, options, VARIANCE);
    const { correction = 1, ...rest } = options;
    checkNumber('correction', correction);
    const plan = planOf(name, given, rest);
    const { x, lines, out, terms } = plan;
    if (out.length > 0) {
      const [mean, squares] = [zerosLike(x, out.length), zerosLike(x, x.length)];
      reduce('sum', lines, x, mean, 1 / terms);
      against('squaredDifference', plan, mean, squares);
      reduce('sum', lines, squares, out, 1 / Math.max(0, terms - correction));
      if (name === 'std') kernels().sqrtForward(out.length, out, out);
    }
    return Object.keys(rest).length === 0 ? out[0] : out;
  }
  return run;
}

/**
 * The variance over everything, a number; over the given axes where there are `shape`, `axes` or `out`, an array: the sum of the
 * squared differences from the mean, over the number of elements less `correction`. Sums are in double. There must be an element.
 */
export const variance = spread('var');
/** The root of the variance, as `var`. */
export const std = spread('std');

/**
 * log(the sum of exp(x)) over everything, a number; with options that over the given axes, an array. Stable for x of any size;
 * -Infinity where all are, Infinity where one is. There must be an element.
 */
export const logSumExp: Reduction = logSumExpOf;

function logSumExpOf(x: FloatArray): number;
function logSumExpOf<A extends FloatArray>(x: A, options: AxesOptions<A>): A;
function logSumExpOf(given: FloatArray, options?: AxesOptions<FloatArray>): number | FloatArray {
  const plan = planOf('logSumExp', given, options === undefined ? {} : options);
  const { x, lines, out } = plan;
  if (out.length > 0) {
    const [shift, shifted] = [zerosLike(x, out.length), zerosLike(x, x.length)];
    reduce('amax', lines, x, shift);
    for (let i = 0; i < shift.length; i++) if (Math.abs(shift[i]) === Number.POSITIVE_INFINITY) shift[i] = 0;
    against('sub', plan, shift, shifted);
    kernels().expForward(shifted.length, shifted, shifted);
    reduce('sum', lines, shifted, out);
    kernels().logForward(out.length, out, out);
    kernels().add(0, 1, 1, out.length, out, shift, out);
  }
  return options === undefined ? out[0] : out;
}
