import { normalFrom, uniformFrom } from '../../../core/draws.js';
import { Words } from '../../../core/philox.js';
import type { Bernoulli, Dropout, Normal, Uniform } from '../../contract/arguments.js';

// Random numbers that depend on the seed and their place in its stream alone: `offset` words come before the first. The
// same bits as native. Mirror: native/matrix/random.h.

/** out = low + (high - low) u, u uniform in [0, 1), two words each. */
export const uniform: Uniform = (n, seed, offset, low, high, out) => {
  const words = new Words(seed, offset);
  for (let i = 0; i < n; i++) out[i] = low + (high - low) * uniformFrom(words);
};

/** out = mean + deviation z, z standard normal, two words each. */
export const normal: Normal = (n, seed, offset, mean, deviation, out) => {
  const words = new Words(seed, offset);
  for (let i = 0; i < n; i++) out[i] = mean + deviation * normalFrom(words);
};

/** out = 1 with this probability, else 0, one word each: 1 where word < 2^32 probability. */
export const bernoulli: Bernoulli = (n, seed, offset, probability, out) => {
  const words = new Words(seed, offset);
  const below = probability * 2 ** 32;
  for (let i = 0; i < n; i++) out[i] = words.next() < below ? 1 : 0;
};

/** y = 0 with this probability, else x / (1 - probability) by one multiplication, one word each; y may be x. */
export const dropout: Dropout = (n, seed, offset, probability, x, y) => {
  const words = new Words(seed, offset);
  const below = probability * 2 ** 32;
  const scale = x instanceof Float32Array ? Math.fround(1 / (1 - probability)) : 1 / (1 - probability);
  for (let i = 0; i < n; i++) y[i] = words.next() < below ? 0 : x[i] * scale;
};
