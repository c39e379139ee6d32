import { kernels } from '../backend/select.js';
import { zerosLike } from '../core/float-arrays.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import type { FloatArray } from '../core/types.js';
import { checkOneOf } from '../core/validate.js';
import {
  type AxesOptions,
  type AxisOptions,
  checkNotEmpty,
  checkPositions,
  checkReduction,
} from './lines.js';

type Name = 'sum' | 'prod' | 'amax' | 'amin' | 'norm1' | 'norm2' | 'normInf';

/** A reduction of everything to a number, or along axes to an array. */
export interface Reduction {
  (x: FloatArray): number;
  <A extends FloatArray>(x: A, options: AxesOptions<A>): A;
}

function reduce(
  owner: string,
  name: Name,
  x: unknown,
  options: AxesOptions<unknown> | undefined,
  isMean = false,
): number | FloatArray {
  const { x: all, lines, out } = checkReduction(owner, x, options === undefined ? {} : options);
  if (name === 'amax' || name === 'amin' || name === 'normInf') lines.forEach(checkNotEmpty);
  const terms = lines.reduce((product, { count }) => product * count, 1);
  let from = all;
  lines.forEach(({ outer, count, inner }, i) => {
    const isLast = i === lines.length - 1;
    const to = isLast ? out : zerosLike(from, outer * inner);
    // An empty result may be that of more empty lines than a loop can count.
    if (to.length > 0) kernels()[name](outer, count, inner, isLast && isMean ? 1 / terms : 1, from, to);
    from = to;
  });
  return options === undefined ? out[0] : out;
}

function reduction(owner: string, name: Name, isMean = false): Reduction {
  function run(x: FloatArray): number;
  function run<A extends FloatArray>(x: A, options: AxesOptions<A>): A;
  function run(x: FloatArray, options?: AxesOptions<unknown>): number | FloatArray {
    return reduce(owner, name, x, options, isMean);
  }
  return run;
}

/**
 * The sum over everything, a number; with options that over the given axes, an array of what is left of the shape.
 *
 * Summed in double, in an order that depends on the shape alone: the same bits on every target and for any number of
 * threads. Axes that are not neighbours are summed one after the other, and each result is rounded to the element type.
 * @throws TypeError or RangeError naming the argument that does not fit; nothing is then written.
 */
export const sum: Reduction = reduction('sum', 'sum');

/** The mean, as {@link sum}; NaN over no elements. */
export const mean: Reduction = reduction('mean', 'sum', true);

/** The product, as {@link sum}. */
export const prod: Reduction = reduction('prod', 'prod');

/** The largest element, NaN where there is one, as {@link sum}. There must be an element. */
export const amax: Reduction = reduction('amax', 'amax');

/** The smallest element, NaN where there is one, as {@link sum}. There must be an element. */
export const amin: Reduction = reduction('amin', 'amin');

const norms = { 1: 'norm1', 2: 'norm2', [Number.POSITIVE_INFINITY]: 'normInf' } as const;

export interface NormOptions<A> extends AxesOptions<A> {
  /** 1: the sum of magnitudes; 2, the default: the root of the sum of squares; Infinity: the largest magnitude. */
  readonly p?: 1 | 2 | number;
}

const NORM_OPTIONS: OptionNames<NormOptions<unknown>> = { shape: true, axes: true, out: true, p: true };

/**
 * The p-norm over everything, a number; over the given axes where there are `shape`, `axes` or `out`, an array.
 * In double, as {@link sum}.
 */
export function norm(x: FloatArray, options?: { readonly p?: number }): number;
export function norm<A extends FloatArray>(x: A, options: NormOptions<A>): A;
export function norm(x: FloatArray, options: NormOptions<FloatArray> = {}): number | FloatArray {
  checkOptions('norm', options, NORM_OPTIONS);
  const { p = 2, ...rest } = options;
  checkOneOf('p', p, [1, 2, Number.POSITIVE_INFINITY]);
  return reduce('norm', norms[p], x, Object.keys(rest).length === 0 ? undefined : rest);
}

/** A position in everything, a number; along an axis an array. */
export interface Position {
  (x: FloatArray): number;
  (x: FloatArray, options: AxisOptions<Int32Array>): Int32Array;
}

function position(name: 'argmax' | 'argmin'): Position {
  function run(x: FloatArray): number;
  function run(x: FloatArray, options: AxisOptions<Int32Array>): Int32Array;
  function run(given: FloatArray, options?: AxisOptions<Int32Array>): number | Int32Array {
    const { x, line, out } = checkPositions(name, given, options === undefined ? {} : options);
    if (out.length > 0) kernels()[name](line.outer, line.count, line.inner, x, out);
    return options === undefined ? out[0] : out;
  }
  return run;
}

/**
 * Where the largest element is, the first of them; NaN counts as the largest. Over everything a number; with options
 * along one axis, the last by default, an Int32Array.
 */
export const argmax: Position = position('argmax');

/** Where the smallest element is, the first of them; NaN counts as the smallest. As {@link argmax}. */
export const argmin: Position = position('argmin');
