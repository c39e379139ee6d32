import { kernels } from '../backend/select.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import type { FloatArray } from '../core/types.js';
import { checkAtLeast, checkFinite, checkInteger, checkProbability } from '../core/validate.js';
import { checkFloats, checkInPlace, resultFor } from './operands.js';

/** The place of random numbers: the stream of 32-bit words of `seed` (Philox4x32-10), from `offset` on. */
export interface Place {
  /** A whole number from 0 to 2^53 - 1. */
  readonly seed: number;
  /** How many words to skip. Default 0. Calls whose words do not overlap are independent of each other. */
  readonly offset?: number;
}

/** See {@link uniform}. */
export interface UniformOptions extends Place {
  /** Default 0. */
  readonly low?: number;
  /** Default 1. */
  readonly high?: number;
}

const UNIFORM_OPTIONS: OptionNames<UniformOptions> = { seed: true, offset: true, low: true, high: true };

/** See {@link normal}. */
export interface NormalOptions extends Place {
  /** Default 0. */
  readonly mean?: number;
  /** The standard deviation. Default 1. */
  readonly std?: number;
}

const NORMAL_OPTIONS: OptionNames<NormalOptions> = { seed: true, offset: true, mean: true, std: true };

/** See {@link bernoulli}. */
export interface BernoulliOptions extends Place {
  /** In [0, 1]. */
  readonly probability: number;
}

const BERNOULLI_OPTIONS: OptionNames<BernoulliOptions> = { seed: true, offset: true, probability: true };

/** See {@link dropout}. */
export interface DropoutOptions extends BernoulliOptions {
  /** Where the result goes; may be x. Default: a new array of the element type of x. */
  readonly out?: FloatArray;
}

const DROPOUT_OPTIONS: OptionNames<DropoutOptions> = {
  seed: true,
  offset: true,
  probability: true,
  out: true,
};

/**
 * Fills `out` with low + (high - low) u, u uniform in [0, 1) and a multiple of 2^-53, two words for each element. Rounding to
 * the element type may give `high` itself.
 *
 * Counter-based: Philox4x32-10, Salmon et al. 2011, https://doi.org/10.1145/2063384.2063405. An element depends on the seed and
 * its words alone: the same bits on every target and in TypeScript, and for any number of threads.
 * @returns `out`
 * @throws TypeError or RangeError naming the argument that does not fit; nothing is then written.
 */
export function uniform(out: FloatArray, options: UniformOptions): FloatArray {
  checkOptions('uniform', options, UNIFORM_OPTIONS);
  const { seed, offset = 0, low, high } = options;
  checkFloats('out', out);
  checkInteger('seed', seed, 0);
  checkInteger('offset', offset, 0);
  return fillUniform(out, seed, offset, low, high);
}

/**
 * Fills `out` with numbers from the normal distribution, two words for each element: the quantile function (Wichura 1988,
 * AS 241, to about 1e-16) of a uniform number, computed in double. The same bits everywhere, as {@link uniform}.
 * @returns `out`
 * @throws TypeError or RangeError naming the argument that does not fit; nothing is then written.
 */
export function normal(out: FloatArray, options: NormalOptions): FloatArray {
  checkOptions('normal', options, NORMAL_OPTIONS);
  const { seed, offset = 0, mean, std } = options;
  checkFloats('out', out);
  checkInteger('seed', seed, 0);
  checkInteger('offset', offset, 0);
  return fillNormal(out, seed, offset, mean, std);
}

/**
 * Fills `out` with 1, with the given probability (in steps of 2^-32), and 0, one word for each element. The same bits
 * everywhere, as {@link uniform}.
 * @returns `out`
 * @throws TypeError or RangeError naming the argument that does not fit; nothing is then written.
 */
export function bernoulli(out: FloatArray, options: BernoulliOptions): FloatArray {
  checkOptions('bernoulli', options, BERNOULLI_OPTIONS);
  const { seed, offset = 0, probability } = options;
  checkFloats('out', out);
  checkInteger('seed', seed, 0);
  checkInteger('offset', offset, 0);
  return fillBernoulli(out, seed, offset, probability);
}

/**
 * 0 with the given probability, else x / (1 - probability), element by element: Srivastava et al. 2014,
 * https://jmlr.org/papers/v15/srivastava14a.html, scaled in training. Which elements are dropped is what {@link bernoulli} gives
 * for the same options, so the gradient is the same call again: no mask is kept. Dropped elements are 0 even where x is NaN.
 * @returns `out`, or a new array.
 * @throws TypeError or RangeError naming the argument that does not fit; nothing is then written.
 */
export function dropout(x: FloatArray, options: DropoutOptions): FloatArray {
  checkOptions('dropout', options, DROPOUT_OPTIONS);
  const { seed, offset = 0, probability, out } = options;
  checkFloats('x', x);
  checkProbability(probability);
  checkInteger('seed', seed, 0);
  checkInteger('offset', offset, 0);
  checkPlace(seed, offset, x.length);
  const y = resultFor(out, x.length, x);
  checkInPlace(y, 'x', x);
  kernels().dropout(x.length, seed, offset, probability, x, y);
  return y;
}

// What these functions and the generators of networks share: arrays are filled from a place in the stream of a seed.

/** `words` words can be drawn from the stream of a seed at `offset`. */
export function checkPlace(seed: number, offset: number, words: number): void {
  checkInteger('seed', seed, 0);
  checkInteger('offset', offset, 0);
  if (offset + words > Number.MAX_SAFE_INTEGER) {
    throw new RangeError(`offset must leave ${words} words below 2^53, got ${offset}`);
  }
}

export function fillUniform(
  out: FloatArray,
  seed: number,
  offset: number,
  low: unknown = 0,
  high: unknown = 1,
): FloatArray {
  checkFinite('low', low);
  checkFinite('high', high);
  if (low > high) throw new RangeError(`low must be at most high, which is ${high}, got ${low}`);
  checkPlace(seed, offset, 2 * out.length);
  kernels().uniform(out.length, seed, offset, low, high, out);
  return out;
}

export function fillNormal(
  out: FloatArray,
  seed: number,
  offset: number,
  mean: unknown = 0,
  std: unknown = 1,
): FloatArray {
  checkFinite('mean', mean);
  checkAtLeast('std', std, 0);
  checkPlace(seed, offset, 2 * out.length);
  kernels().normal(out.length, seed, offset, mean, std, out);
  return out;
}

export function fillBernoulli(
  out: FloatArray,
  seed: number,
  offset: number,
  probability: unknown,
): FloatArray {
  checkProbability(probability);
  checkPlace(seed, offset, out.length);
  kernels().bernoulli(out.length, seed, offset, probability, out);
  return out;
}
