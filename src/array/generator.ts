import { normalFrom, uniformFrom } from '../core/draws.js';
import { isFloats } from '../core/dtypes.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { Words } from '../core/philox.js';
import type { FloatArray } from '../core/types.js';
import { checkInteger, show } from '../core/validate.js';
import * as fill from './sampling.js';

interface Uniform {
  readonly low?: number;
  readonly high?: number;
}

interface Normal {
  readonly mean?: number;
  readonly std?: number;
}

interface Bernoulli {
  readonly probability: number;
}

const UNIFORM: OptionNames<Uniform> = { low: true, high: true };
const NORMAL: OptionNames<Normal> = { mean: true, std: true };
const BERNOULLI: OptionNames<Bernoulli> = { probability: true };

/** Where generators were when they were first drawn from inside of {@link noteDraws}. */
export type Draws = ReadonlyMap<Generator, number>;

let noted: Map<Generator, number> | null = null;
/** Puts a generator at a place of a seed's stream; both have been checked. */
export let setPlace: (generator: Generator, seed: number, position: number) => void;

/** Runs `fn`, which must be synchronous, and says what it drew from. */
export function noteDraws<Result>(fn: () => Result): { result: Result; draws: Draws } {
  const outer = noted;
  const draws = new Map<Generator, number>();
  noted = draws;
  try {
    return { result: fn(), draws };
  } finally {
    noted = outer;
    for (const [generator, position] of draws) note(generator, position);
  }
}

function note(generator: Generator, position: number): void {
  if (noted !== null && !noted.has(generator)) noted.set(generator, position);
}

/** Runs `fn` with the generators where they were, so that it draws the same numbers, and puts them back. */
export function replayDraws<Result>(draws: Draws, fn: () => Result): Result {
  const now = [...draws.keys()].map((generator) => [generator, generator.position] as const);
  for (const [generator, position] of draws) setPlace(generator, generator.seed, position);
  try {
    return fn();
  } finally {
    for (const [generator, position] of now) setPlace(generator, generator.seed, position);
  }
}

/**
 * A stream of random numbers that depends on its seed and position alone: the same bits on every machine.
 *
 * Counter-based (Philox4x32-10): a saved `seed` and `position` resume it exactly.
 */
export class Generator {
  #words: Words;

  static {
    setPlace = (generator, seed, position) => {
      generator.#words = new Words(seed, position);
    };
  }

  /**
   * @param seed a whole number from 0 to 2^53 - 1.
   * @param position how many 32-bit words to skip. Default 0.
   */
  constructor(seed: number, position = 0) {
    checkInteger('seed', seed, 0);
    checkInteger('position', position, 0);
    this.#words = new Words(seed, position);
  }

  /** The words, from which somebody is about to draw. */
  get #drawn(): Words {
    if (noted !== null) note(this, this.position);
    return this.#words;
  }

  get seed(): number {
    return this.#words.seed;
  }

  /** How many 32-bit words have been drawn. */
  get position(): number {
    return this.#words.position;
  }

  /** Passes over `words` words, for somebody who draws them by seed and position, and returns the position before. */
  skip(words: number): number {
    const { seed, position } = this;
    checkInteger('words', words, 0);
    fill.checkPlace(seed, position, words);
    if (noted !== null) note(this, position);
    this.#words = new Words(seed, position + words);
    return position;
  }

  /** A whole number in [0, 2^32). One word. */
  uint32(): number {
    return this.#drawn.next();
  }

  /** A number in [0, 1), a multiple of 2^-53. Two words. */
  uniform(): number {
    return uniformFrom(this.#drawn);
  }

  /** A number from the standard normal distribution. Two words. */
  normal(): number {
    return normalFrom(this.#drawn);
  }

  /** Fills `array` with what as many calls of `uniform()` give, brought to [low, high), default [0, 1). */
  fillUniform<A extends FloatArray>(array: A, options: Uniform = {}): A {
    checkArray(array);
    checkOptions('Generator.fillUniform', options, UNIFORM);
    const { low, high } = options;
    fill.fillUniform(array, this.seed, this.position, low, high);
    this.skip(2 * array.length);
    return array;
  }

  /** Fills `array` with what as many calls of `normal()` give, times std, default 1, plus mean, default 0. */
  fillNormal<A extends FloatArray>(array: A, options: Normal = {}): A {
    checkArray(array);
    checkOptions('Generator.fillNormal', options, NORMAL);
    const { mean, std } = options;
    fill.fillNormal(array, this.seed, this.position, mean, std);
    this.skip(2 * array.length);
    return array;
  }

  /** Fills `array` with 1, with this probability (in steps of 2^-32), and 0. One word each. */
  fillBernoulli<A extends FloatArray>(array: A, options: Bernoulli): A {
    checkArray(array);
    checkOptions('Generator.fillBernoulli', options, BERNOULLI);
    const { probability } = options;
    fill.fillBernoulli(array, this.seed, this.position, probability);
    this.skip(array.length);
    return array;
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
    if (n > 2 ** 31) throw new RangeError(`n must be at most 2^31, got ${n}`);
    return this.fillPermutation(new Int32Array(n));
  }

  /** Fills `order` with what `permutation(order.length)` gives. */
  fillPermutation(order: Int32Array): Int32Array {
    if (!(order instanceof Int32Array))
      throw new TypeError(`order must be an Int32Array, got ${show(order)}`);
    for (let i = 0; i < order.length; i++) order[i] = i;
    for (let last = order.length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      const kept = order[last];
      order[last] = order[other];
      order[other] = kept;
    }
    return order;
  }
}

function checkArray(array: unknown): asserts array is FloatArray {
  if (!isFloats(array)) {
    throw new TypeError(`array must be a Float32Array or a Float64Array, got ${show(array)}`);
  }
}

export function checkGenerator(generator: unknown): asserts generator is Generator {
  if (!(generator instanceof Generator)) {
    throw new TypeError(`generator must be a Generator, got ${show(generator)}`);
  }
}
