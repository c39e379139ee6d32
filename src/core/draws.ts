import { normalQuantile } from './normal-quantile.js';
import type { Words } from './philox.js';

// Numbers from the words of a seed: what a generator draws one by one, and kernels by the array.

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
