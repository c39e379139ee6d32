import { Generator } from '../array/generator.js';
import { checkInteger } from '../core/validate.js';

// Which words of a seed's stream are whose: orders of rows come first, an epoch after the other; then, from 2^52 on, the numbers
// of layers, as far apart; then the seeds of samples, and those of micro-batches.

/** The random numbers of one epoch start this far from those of the epoch before. */
export const WORDS_PER_EPOCH = 2 ** 32;

/** As far as the random numbers reach. */
export const MOST_EPOCHS = 1_000_000;

const LAYERS = 2 ** 52;
const SAMPLES = 2 ** 53 - 2 ** 47;
const LEAVES = 2 ** 53 - 2 ** 46;

/** As many micro-batches as a step can have. */
export const MOST_LEAVES = 2 ** 20;

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
  const own = seedAt(seed, SAMPLES + 4 * epoch);
  return (index) => new Generator(own, index * WORDS_PER_SAMPLE);
}

/**
 * What the layers draw from in a micro-batch: it depends on the seed, the epoch, the number of the step in it and that of the
 * micro-batch alone, whoever computes it.
 */
export function generatorOfLeaf(seed: number, epoch: number, step: number, leaf: number): Generator {
  const ofEpoch = seedAt(seed, LEAVES + 4 * epoch);
  return new Generator(seedAt(ofEpoch, 2 * (step * MOST_LEAVES + leaf)));
}

/** A seed made of the two words there. */
function seedAt(seed: number, position: number): number {
  const words = new Generator(seed, position);
  return (words.uint32() >>> 11) * 2 ** 32 + words.uint32();
}
