import { Generator } from '../array/generator.js';
import { checkInteger } from '../core/validate.js';

// Which words of a seed's stream are whose: orders of rows come first, an epoch after the other; then, from 2^52 on, the numbers
// of layers, as far apart; then the seeds of samples.

/** The random numbers of one epoch start this far from those of the epoch before. */
export const WORDS_PER_EPOCH = 2 ** 32;

/** As far as the random numbers reach. */
export const MOST_EPOCHS = 1_000_000;

const LAYERS = 2 ** 52;
const SAMPLES = 2 ** 53 - 2 ** 47;

/** A sample has this many words: more than any augmentation asks for. */
const WORDS_PER_SAMPLE = 2 ** 20;

export function checkEpoch(name: string, epoch: unknown): void {
  checkInteger(name, epoch, 0);
  if (epoch >= MOST_EPOCHS) throw new RangeError(`${name} must be below ${MOST_EPOCHS}, got ${epoch}`);
}

/** What decides the order of an epoch. */
export function generatorOfOrder(seed: number, epoch: number): Generator {
  return new Generator(seed, (epoch + 1) * WORDS_PER_EPOCH);
}

/** Where the numbers of layers start in an epoch. */
export function positionOfLayers(epoch: number): number {
  return LAYERS + (epoch + 1) * WORDS_PER_EPOCH;
}

/** Makes what a sample of an epoch draws from: it depends on the seed, the epoch and the number of the sample alone. */
export function generatorsOfSamples(seed: number, epoch: number): (index: number) => Generator {
  const words = new Generator(seed, SAMPLES + 4 * epoch);
  const own = (words.uint32() >>> 11) * 2 ** 32 + words.uint32();
  return (index) => new Generator(own, index * WORDS_PER_SAMPLE);
}
