import { crc32 } from 'node:zlib';
import { checkInteger } from '../../core/validate.js';
import { checkEpoch } from '../../data/epochs.js';
import { indicesOf, type Sampler } from '../../data/samplers.js';
import { bytesOf } from '../../data/tensors.js';
import { tensor } from '../../nn/index.js';
import { sliceRows, type Target } from '../examples.js';
import { type Batch, samplerOf } from '../loader.js';
import { type Step, stepOf } from '../steps.js';
import type { Table } from './columns.js';
import type { Lane } from './lanes.js';

/** See {@link openLoader}. */
export interface SampleLoaderOptions {
  /** Rows of one step. Default 32. */
  readonly batchSize?: number;
  /** Rows that go through the model at once: a step of more rows is several batches. Default: `batchSize`. */
  readonly rowsAtOnce?: number;
  /** Whether every epoch has another order. Not with a sampler, nor for a stream, which has `shuffleBuffer`. Default true. */
  readonly shuffle?: boolean;
  /** Each sample of a stream is drawn from so many next ones. Default 1: in their order. */
  readonly shuffleBuffer?: number;
  /** Decides the orders, and what transforms draw. Default 0. */
  readonly seed?: number;
  /** Decides which samples an epoch shows, and their order. Not for a stream. Default: all, as `shuffle` and `seed` say. */
  readonly sampler?: Sampler;
  /** Whether rows that do not fill a last step are left out of the epoch. Default false. */
  readonly dropLast?: boolean;
  /** Threads that make the steps; they need a pipeline by its module, and a stream takes one. Default 0: the caller's thread. */
  readonly workers?: number;
  /** Steps that are made ahead of the one in use. Default: two for each worker. */
  readonly prefetch?: number;
}

/** What `openLoader` has found out. */
interface Parts {
  readonly length: number | null;
  readonly lanes: readonly Lane[];
  /** Starts new ones where an epoch was left. */
  readonly start: () => readonly Lane[];
  readonly options: SampleLoaderOptions;
}

/** What decides the steps of a loader. */
export let identityOfSamples: <Y extends Target>(
  loader: SampleLoader<Y>,
) => Readonly<Record<string, unknown>>;

/** Makes a loader of what `openLoader` has found out. */
export let makeLoader: <Y extends Target>(parts: Parts) => SampleLoader<Y>;

/**
 * The steps of samples that are made one by one: read from files, computed, augmented. {@link openLoader} makes one, and
 * `DataLoader` is for rows that are in memory.
 *
 * What an epoch shows depends on the seed and the number of the epoch alone, not on the number of workers. The arrays of a step
 * are used again: a batch is overwritten once the next step has been asked for.
 */
export class SampleLoader<Y extends Target = Target> {
  /** How many samples there are; null for a stream. */
  readonly length: number | null;
  readonly batchSize: number;
  readonly rowsAtOnce: number;
  /** Null for a stream: only the end of an epoch tells. */
  readonly stepsPerEpoch: number | null;
  readonly #sampler: Sampler | null;
  readonly #choices: Pick<Required<SampleLoaderOptions>, 'seed' | 'dropLast' | 'shuffleBuffer'>;
  readonly #prefetch: number;
  readonly #start: () => readonly Lane[];
  /** Empty where they were ended. */
  #lanes: readonly Lane[];
  #order: Int32Array | undefined;
  #isUnderWay = false;
  #isClosed = false;

  static {
    makeLoader = (parts) => new SampleLoader(parts);
    identityOfSamples = (loader) => {
      const { length, batchSize, rowsAtOnce, stepsPerEpoch } = loader;
      const order = loader.#sampler === null ? null : crc32(bytesOf(indicesOf(loader.#sampler, 0)));
      const { seed, dropLast, shuffleBuffer } = loader.#choices;
      return {
        ...{ data: 'a SampleLoader', length, batchSize, rowsAtOnce, stepsPerEpoch, order },
        ...{ seedOfLoader: seed, dropLast, shuffleBuffer },
      };
    };
  }

  private constructor({ length, lanes, start, options }: Parts) {
    const { batchSize = 32, rowsAtOnce = batchSize, dropLast = false, workers = 0 } = options;
    this.length = length;
    this.#sampler = length === null ? null : samplerOf(length, options);
    const samples = this.#sampler?.length ?? null;
    if (samples !== null && dropLast && batchSize > samples) {
      throw new RangeError(
        `batchSize must be at most the ${samples} samples with dropLast, got ${batchSize}: every epoch would be empty`,
      );
    }
    this.batchSize = batchSize;
    this.rowsAtOnce = rowsAtOnce;
    this.stepsPerEpoch = samples === null ? null : (dropLast ? Math.floor : Math.ceil)(samples / batchSize);
    this.#choices = { seed: options.seed ?? 0, dropLast, shuffleBuffer: options.shuffleBuffer ?? 1 };
    this.#prefetch = options.prefetch ?? 2 * workers;
    this.#start = start;
    this.#lanes = lanes;
  }

  /** The batches of the epoch with this number, which counts from 0. */
  async *epoch(number: number): AsyncGenerator<Batch<Y>, void> {
    for await (const step of this.steps(number)) yield* step.batches();
  }

  /**
   * The steps of the epoch with this number, one at a time: workers end where it is left early, and start again with the next
   * one.
   * @param first the number of the first one: samples of those before it are not asked for. A stream begins with step 0. Default 0.
   * @throws what a pipeline throws, with its stack; Error where another epoch is under way, or the loader is closed.
   */
  async *steps(epoch: number, first = 0): AsyncGenerator<Step<Y>, void> {
    checkEpoch('epoch', epoch);
    checkInteger('first', first, 0);
    if (first > 0 && this.length === null) {
      throw new RangeError(`first must be 0 for a stream, which has to be gone through, got ${first}`);
    }
    if (this.#isClosed) throw new Error('the loader is closed');
    if (this.#isUnderWay)
      throw new Error('another epoch of the loader is under way: its arrays would be overwritten');
    this.#isUnderWay = true;
    const coming: Promise<Table | null>[] = [];
    let isDone = false;
    try {
      if (this.#lanes.length === 0) this.#lanes = this.#start();
      const request = this.#requestsOf(epoch, first);
      for (;;) {
        while (coming.length <= this.#prefetch) {
          const next = request();
          if (next === null) break;
          // Nobody waits for it yet, and perhaps nobody ever will.
          next.catch(() => undefined);
          coming.push(next);
        }
        const table = await coming.shift();
        if (table === undefined || table === null) break;
        yield this.#stepOf(table);
      }
      await Promise.all(coming);
      isDone = true;
    } finally {
      this.#isUnderWay = false;
      if (!isDone) await this.#endLanes();
    }
  }

  /** Ends the workers. An epoch that is under way fails. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#endLanes();
  }

  async #endLanes(): Promise<void> {
    const lanes = this.#lanes;
    this.#lanes = [];
    await Promise.all(lanes.map((lane) => lane.close()));
  }

  /** Asks for one step of an epoch after the other; null where there is none. */
  #requestsOf(epoch: number, begin: number): () => Promise<Table | null> | null {
    const lanes = this.#lanes;
    // Steps of the same slot are farther apart than those that are made and the one in use.
    const slots = Math.ceil((this.#prefetch + 2) / lanes.length);
    const order = this.#sampler === null ? null : indicesOf(this.#sampler, epoch, this.#order);
    this.#order = order ?? undefined;
    let step = begin;
    return () => {
      if (this.stepsPerEpoch !== null && step >= this.stepsPerEpoch) return null;
      const first = step * this.batchSize;
      const indices = order === null ? null : order.slice(first, first + this.batchSize);
      const slot = Math.floor(step / lanes.length) % slots;
      const lane = lanes[step % lanes.length];
      return lane.read({ epoch, step: step++, indices, slot });
    };
  }

  #stepOf({ rows, x, y }: Table): Step<Y> {
    const all = {
      x: tensor(x.value, x.shape),
      y: (y instanceof Int32Array ? y : tensor(y.value, y.shape)) as Y,
    };
    if (rows <= this.rowsAtOnce) return stepOf([all], [rows]);
    const starts = Array.from({ length: Math.ceil(rows / this.rowsAtOnce) }, (_, i) => i * this.rowsAtOnce);
    const ends = starts.map((from) => Math.min(rows, from + this.rowsAtOnce));
    const parts = starts.map((from, i) => ({
      x: sliceRows(all.x, rows, from, ends[i]),
      y: sliceRows(all.y, rows, from, ends[i]),
    }));
    return stepOf(
      parts,
      starts.map((from, i) => ends[i] - from),
    );
  }
}
