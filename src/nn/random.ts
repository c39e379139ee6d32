import type { FloatArray } from '../types.js';
import { checkInteger } from '../validate.js';
import { normalQuantile } from './normal-quantile.js';
import { philox4x32 } from './philox.js';

/**
 * A stream of random numbers that depends on its seed and position alone: the same bits on every machine.
 *
 * Counter-based (Philox4x32-10): a saved `seed` and `position` resume it exactly.
 */
export class Generator {
  readonly seed: number;
  #position: number;
  readonly #words = new Uint32Array(4);

  /**
   * @param seed a whole number from 0 to 2^53 - 1.
   * @param position how many 32-bit words to skip. Default 0.
   */
  constructor(seed: number, position = 0) {
    checkInteger('seed', seed, 0);
    checkInteger('position', position, 0);
    this.seed = seed;
    this.#position = position;
    if (position % 4 !== 0) this.#fill();
  }

  /** How many 32-bit words have been drawn. */
  get position(): number {
    return this.#position;
  }

  #fill(): void {
    const block = Math.floor(this.#position / 4);
    const high = (x: number) => Math.floor(x / 2 ** 32);
    philox4x32([block >>> 0, high(block), 0, 0], this.seed >>> 0, high(this.seed), this.#words);
  }

  /** A whole number in [0, 2^32). One word. */
  uint32(): number {
    const index = this.#position % 4;
    if (index === 0) this.#fill();
    this.#position++;
    return this.#words[index];
  }

  /** A number in [0, 1), a multiple of 2^-53. Two words. */
  uniform(): number {
    const upper = this.uint32() >>> 5;
    return (upper * 2 ** 26 + (this.uint32() >>> 6)) * 2 ** -53;
  }

  /** A number from the standard normal distribution. Two words. */
  normal(): number {
    // The middle of the interval that the uniform number stands for: never 0, never 1.
    const u = this.uniform();
    return u < 0.5 ? normalQuantile(u + 2 ** -54) : -normalQuantile(1 - u - 2 ** -54);
  }

  /** A whole number in [0, below), every one equally likely; `below` is at most 2^32. */
  integer(below: number): number {
    checkInteger('below', below, 1);
    if (below > 2 ** 32) throw new RangeError(`below must be at most 2^32, got ${below}`);
    const fair = 2 ** 32 - (2 ** 32 % below);
    let word = this.uint32();
    while (word >= fair) word = this.uint32();
    return word % below;
  }

  /** 0 .. n - 1 in a random order (Fisher & Yates): the order of the samples of an epoch. */
  permutation(n: number): Int32Array {
    checkInteger('n', n, 0);
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let last = n - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      [order[last], order[other]] = [order[other], order[last]];
    }
    return order;
  }
}

/** Fills `array` with numbers from [low, high). */
export function fillUniform(array: FloatArray, low: number, high: number, generator: Generator): void {
  for (let i = 0; i < array.length; i++) array[i] = low + (high - low) * generator.uniform();
}

/** Fills `array` with numbers from the normal distribution of this mean and standard deviation. */
export function fillNormal(array: FloatArray, mean: number, deviation: number, generator: Generator): void {
  for (let i = 0; i < array.length; i++) array[i] = mean + deviation * generator.normal();
}

let shared = new Generator(0);

/** Restarts the generator that layers use when they are given none. Without a call, it starts from seed 0. */
export function manualSeed(seed: number): void {
  shared = new Generator(seed);
}

/** The generator that `manualSeed` restarts. */
export function defaultGenerator(): Generator {
  return shared;
}
