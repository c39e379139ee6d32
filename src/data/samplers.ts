import { checkOptions, type OptionNames } from '../core/options.js';
import { checkAtLeast, checkBoolean, checkInteger, checkObject, isObject, show } from '../core/validate.js';
import { checkEpoch, generatorOfOrder } from './epochs.js';

/** Decides which samples an epoch shows, and in which order: by the number of the epoch alone, so that any of them can be repeated. */
export interface Sampler {
  /** How many indices an epoch has. */
  readonly length: number;
  /**
   * The indices of the epoch with this number, which counts from 0.
   * @param out an array of `length` elements that may be filled and returned, so that no epoch allocates one.
   */
  indices(epoch: number, out?: Int32Array): Int32Array;
}

/** 0, 1, 2 ... in every epoch. */
export class SequentialSampler implements Sampler {
  readonly length: number;

  /** @param length the number of samples. */
  constructor(length: number) {
    checkInteger('length', length, 1);
    this.length = length;
  }

  indices(epoch: number, out = new Int32Array(this.length)): Int32Array {
    checkEpoch('epoch', epoch);
    for (let i = 0; i < this.length; i++) out[i] = i;
    return out;
  }
}

/** See {@link RandomSampler}. */
export interface RandomSamplerOptions {
  /** Whether a sample may come again before all others have come. Default false. */
  readonly replacement?: boolean;
  /** Samples of an epoch. Default: as many as there are. */
  readonly count?: number;
  /** Default 0. */
  readonly seed?: number;
}

const RANDOM: OptionNames<RandomSamplerOptions> = { replacement: true, count: true, seed: true };

/**
 * Another order in every epoch; where `count` asks for more than all samples, several orders one after the other. As
 * `torch.utils.data.RandomSampler`.
 */
export class RandomSampler implements Sampler {
  readonly length: number;
  readonly #samples: number;
  readonly #replacement: boolean;
  readonly #seed: number;

  /** @param length the number of samples. */
  constructor(length: number, options: RandomSamplerOptions = {}) {
    checkInteger('length', length, 1);
    checkOptions('RandomSampler', options, RANDOM);
    const { replacement = false, count = length, seed = 0 } = options;
    checkBoolean('replacement', replacement);
    checkInteger('count', count, 1);
    checkInteger('seed', seed, 0);
    this.length = count;
    this.#samples = length;
    this.#replacement = replacement;
    this.#seed = seed;
  }

  indices(epoch: number, out = new Int32Array(this.length)): Int32Array {
    checkEpoch('epoch', epoch);
    const generator = generatorOfOrder(this.#seed, epoch);
    const samples = this.#samples;
    if (this.#replacement) {
      for (let i = 0; i < out.length; i++) out[i] = generator.integer(samples);
      return out;
    }
    let from = 0;
    for (; from + samples <= out.length; from += samples) {
      generator.fillPermutation(out.subarray(from, from + samples));
    }
    if (from < out.length) out.set(generator.permutation(samples).subarray(0, out.length - from), from);
    return out;
  }
}

/** See {@link WeightedRandomSampler}. */
export interface WeightedRandomSamplerOptions {
  /** Whether a sample may come several times in an epoch. Default true. */
  readonly replacement?: boolean;
  /** Default 0. */
  readonly seed?: number;
}

const WEIGHTED: OptionNames<WeightedRandomSamplerOptions> = { replacement: true, seed: true };

/**
 * Samples by their weights, which need not sum to 1: 1 / (rows of its class) for each row shows all classes as often. As
 * `torch.utils.data.WeightedRandomSampler`.
 *
 * Without replacement each draw is by the weights of those that are left (Efraimidis & Spirakis, "Weighted random sampling with a
 * reservoir", 2006: the largest of log(u) / weight).
 */
export class WeightedRandomSampler implements Sampler {
  readonly length: number;
  readonly #weights: Float64Array;
  readonly #replacement: boolean;
  readonly #seed: number;

  /**
   * @param weights of each sample: finite, at least 0, not all of them 0.
   * @param count samples of an epoch.
   */
  constructor(weights: ArrayLike<number>, count: number, options: WeightedRandomSamplerOptions = {}) {
    if (typeof weights !== 'object' || weights === null || !Number.isSafeInteger(weights.length)) {
      throw new TypeError(`weights must be an array of numbers, got ${show(weights)}`);
    }
    checkInteger('count', count, 1);
    checkOptions('WeightedRandomSampler', options, WEIGHTED);
    const { replacement = true, seed = 0 } = options;
    checkBoolean('replacement', replacement);
    checkInteger('seed', seed, 0);
    for (let i = 0; i < weights.length; i++) checkAtLeast(`weights[${i}]`, weights[i], 0);
    this.#weights = Float64Array.from(weights);
    const positive = this.#weights.filter((weight) => weight > 0).length;
    if (positive === 0) throw new RangeError('weights must hold one greater than 0');
    if (!replacement && count > positive) {
      throw new RangeError(
        `count must be at most the ${positive} weights greater than 0 without replacement, got ${count}`,
      );
    }
    this.length = count;
    this.#replacement = replacement;
    this.#seed = seed;
  }

  indices(epoch: number, out = new Int32Array(this.length)): Int32Array {
    checkEpoch('epoch', epoch);
    return this.#replacement ? this.#draw(epoch, out) : this.#drawOnce(epoch, out);
  }

  #draw(epoch: number, out: Int32Array): Int32Array {
    const generator = generatorOfOrder(this.#seed, epoch);
    let sum = 0;
    const upTo = this.#weights.map((weight) => (sum += weight));
    const last = this.#weights.findLastIndex((weight) => weight > 0);
    for (let i = 0; i < out.length; i++) {
      const wanted = generator.uniform() * sum;
      // The first sum that is larger. The product may have been rounded up to the whole.
      let [low, high] = [0, last];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (upTo[middle] > wanted) high = middle;
        else low = middle + 1;
      }
      out[i] = low;
    }
    return out;
  }

  #drawOnce(epoch: number, out: Int32Array): Int32Array {
    const generator = generatorOfOrder(this.#seed, epoch);
    // 1 - u is never 0.
    const keys = this.#weights.map((weight) => Math.log(1 - generator.uniform()) / weight);
    const order = Int32Array.from(keys.keys()).filter((i) => this.#weights[i] > 0);
    order.sort((a, b) => keys[b] - keys[a] || a - b);
    out.set(order.subarray(0, this.length));
    return out;
  }
}

/** See {@link DistributedSampler}. */
export interface DistributedSamplerOptions {
  /** Which of the processes this one is, from 0 on. */
  readonly rank: number;
  /** How many processes share the samples. */
  readonly size: number;
  /** Whether every epoch has another order. Default true. */
  readonly shuffle?: boolean;
  /** The same for all processes. Default 0. */
  readonly seed?: number;
  /** Whether samples are left out, rather than shown twice, where all processes cannot have as many. Default false. */
  readonly dropLast?: boolean;
}

const DISTRIBUTED: OptionNames<DistributedSamplerOptions> = {
  rank: true,
  size: true,
  shuffle: true,
  seed: true,
  dropLast: true,
};

/**
 * Every `size`-th sample of one order, from number `rank` on: all processes have as many, for which the order begins again at its
 * end where that is needed. As `torch.utils.data.DistributedSampler`, whose `set_epoch` is the argument of `indices` here.
 */
export class DistributedSampler implements Sampler {
  readonly length: number;
  readonly #order: Sampler;
  readonly #rank: number;
  readonly #size: number;

  /** @param length the number of samples of all processes. */
  constructor(length: number, options: DistributedSamplerOptions) {
    checkInteger('length', length, 1);
    checkOptions('DistributedSampler', options, DISTRIBUTED);
    const { rank, size, shuffle = true, seed = 0, dropLast = false } = options;
    checkInteger('size', size, 1);
    checkInteger('rank', rank, 0);
    if (rank >= size) throw new RangeError(`rank must be below the size ${size}, got ${rank}`);
    checkBoolean('shuffle', shuffle);
    checkInteger('seed', seed, 0);
    checkBoolean('dropLast', dropLast);
    if (dropLast && size > length) {
      throw new RangeError(`size must be at most the ${length} samples with dropLast, got ${size}`);
    }
    this.length = (dropLast ? Math.floor : Math.ceil)(length / size);
    this.#order = shuffle ? new RandomSampler(length, { seed }) : new SequentialSampler(length);
    this.#rank = rank;
    this.#size = size;
  }

  indices(epoch: number, out = new Int32Array(this.length)): Int32Array {
    const order = this.#order.indices(epoch);
    for (let i = 0; i < this.length; i++) out[i] = order[(this.#rank + i * this.#size) % order.length];
    return out;
  }
}

/** See {@link BatchSampler}. */
export interface BatchSamplerOptions {
  /** Indices of a batch. Default 32. */
  readonly batchSize?: number;
  /** Whether indices that do not fill a last batch are left out. Default false. */
  readonly dropLast?: boolean;
}

const BATCH: OptionNames<BatchSamplerOptions> = { batchSize: true, dropLast: true };

/** The indices of a sampler, in batches. */
export class BatchSampler {
  /** How many batches an epoch has. */
  readonly length: number;
  readonly batchSize: number;
  readonly #sampler: Sampler;

  constructor(sampler: Sampler, options: BatchSamplerOptions = {}) {
    checkSampler('sampler', sampler);
    checkOptions('BatchSampler', options, BATCH);
    const { batchSize = 32, dropLast = false } = options;
    checkInteger('batchSize', batchSize, 1);
    checkBoolean('dropLast', dropLast);
    if (dropLast && batchSize > sampler.length) {
      throw new RangeError(
        `batchSize must be at most the ${sampler.length} samples with dropLast, got ${batchSize}: every epoch would be empty`,
      );
    }
    this.#sampler = sampler;
    this.batchSize = batchSize;
    this.length = (dropLast ? Math.floor : Math.ceil)(sampler.length / batchSize);
  }

  /** The batches of an epoch, parts of one array. */
  *batches(epoch: number): Generator<Int32Array, void> {
    const indices = indicesOf(this.#sampler, epoch);
    for (let i = 0; i < this.length; i++) {
      yield indices.subarray(i * this.batchSize, Math.min(indices.length, (i + 1) * this.batchSize));
    }
  }
}

export function checkSampler(name: string, sampler: unknown): asserts sampler is Sampler {
  checkObject(name, sampler);
  if (typeof sampler.indices !== 'function') {
    throw new TypeError(
      `${name} must have length and indices(epoch), as a RandomSampler has, got ${show(sampler)}`,
    );
  }
  checkInteger(`${name}.length`, sampler.length, 1);
}

/** What a sampler says of an epoch, which may be someone's own. @throws TypeError or RangeError where it is not what it must be. */
export function indicesOf(sampler: Sampler, epoch: number, out?: Int32Array): Int32Array {
  const indices: unknown = sampler.indices(epoch, out);
  if (indices instanceof Int32Array && indices.length === sampler.length) return indices;
  const got = isObject(indices) ? 'an object' : show(indices);
  throw new TypeError(`sampler.indices() must return an Int32Array of ${sampler.length} indices, got ${got}`);
}
