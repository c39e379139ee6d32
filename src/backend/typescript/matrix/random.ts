import type { FloatArray } from '../../../core/types.js';
import { normalQuantile } from './normal-quantile.js';
import { Words } from './philox.js';

// Random numbers that depend on the seed and their place in its stream alone: `offset` words come before the first. The
// same bits as native. Mirror: native/matrix/random.h.

/** A number in [0, 1), a multiple of 2^-53. Two words. */
export function uniformFrom(words: Words): number {
  const upper = words.next() >>> 5;
  return (upper * 2 ** 26 + (words.next() >>> 6)) * 2 ** -53;
}

/** A number from the standard normal distribution. Two words. */
export function normalFrom(words: Words): number {
  // The middle of the interval that the uniform number stands for: never 0, never 1.
  const u = uniformFrom(words);
  return u < 0.5 ? normalQuantile(u + 2 ** -54) : -normalQuantile(1 - u - 2 ** -54);
}

/** out = low + (high - low) u, u uniform in [0, 1), two words each. */
export function uniform(
  n: number,
  seed: number,
  offset: number,
  low: number,
  high: number,
  out: FloatArray,
): void {
  const words = new Words(seed, offset);
  for (let i = 0; i < n; i++) out[i] = low + (high - low) * uniformFrom(words);
}

/** out = mean + deviation z, z standard normal, two words each. */
export function normal(
  n: number,
  seed: number,
  offset: number,
  mean: number,
  deviation: number,
  out: FloatArray,
): void {
  const words = new Words(seed, offset);
  for (let i = 0; i < n; i++) out[i] = mean + deviation * normalFrom(words);
}

/** out = 1 with this probability, else 0, one word each: 1 where word < 2^32 probability. */
export function bernoulli(
  n: number,
  seed: number,
  offset: number,
  probability: number,
  out: FloatArray,
): void {
  const words = new Words(seed, offset);
  const below = probability * 2 ** 32;
  for (let i = 0; i < n; i++) out[i] = words.next() < below ? 1 : 0;
}

/** y = 0 with this probability, else x / (1 - probability) by one multiplication, one word each; y may be x. */
export function dropout(
  n: number,
  seed: number,
  offset: number,
  probability: number,
  x: FloatArray,
  y: FloatArray,
): void {
  const words = new Words(seed, offset);
  const below = probability * 2 ** 32;
  const scale = x instanceof Float32Array ? Math.fround(1 / (1 - probability)) : 1 / (1 - probability);
  for (let i = 0; i < n; i++) y[i] = words.next() < below ? 0 : x[i] * scale;
}
