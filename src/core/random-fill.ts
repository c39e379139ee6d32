import { kernels } from '../backend/select.js';
import type { FloatArray } from './types.js';
import { checkAtLeast, checkFinite, checkInteger, show } from './validate.js';

// Filling arrays from a place in the stream of a seed: what array functions and generators share.

/** `words` words can be drawn from the stream of a seed at `offset`. */
export function checkPlace(seed: number, offset: number, words: number): void {
  checkInteger('seed', seed, 0);
  checkInteger('offset', offset, 0);
  if (offset + words > Number.MAX_SAFE_INTEGER) {
    throw new RangeError(`offset must leave ${words} words below 2^53, got ${offset}`);
  }
}

export function checkProbability(probability: unknown, name = 'probability'): asserts probability is number {
  if (typeof probability !== 'number') {
    throw new TypeError(`${name} must be a number, got ${show(probability)}`);
  }
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError(`${name} must be in [0, 1], got ${probability}`);
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
