import { crc32 } from 'node:zlib';
import { checkOptions, type OptionNames } from '../core/options.js';
import { checkBoolean, checkInteger } from '../core/validate.js';
import { checkEpoch } from '../data/epochs.js';
import { checkSampler, indicesOf, RandomSampler, type Sampler, SequentialSampler } from '../data/samplers.js';
import { bytesOf } from '../data/tensors.js';
import { gatherRows, Tensor } from '../nn/index.js';
import { checkExamples, type Examples, type Target } from './examples.js';

/** Rows that go through the model together. Its arrays are used again for later batches of the same size. */
export interface Batch<Y extends Target = Target> {
  readonly x: Tensor;
  readonly y: Y;
  readonly rows: number;
  /** How much this batch weighs in its step: its rows by those of the step. 1 where a step is one batch. */
  readonly share: number;
  /** Whether the step is complete with this batch. */
  readonly endsStep: boolean;
}

/** See {@link DataLoader}. */
export interface DataLoaderOptions {
  /** Rows of one step. Default 32. */
  readonly batchSize?: number;
  /** Rows that go through the model at once: a step of more rows is several batches. Default: `batchSize`. */
  readonly rowsAtOnce?: number;
  /** Whether every epoch has another order. Not with a sampler. Default true. */
  readonly shuffle?: boolean;
  /** Decides the orders. Not with a sampler. Default 0. */
  readonly seed?: number;
  /** Decides which rows an epoch shows, and their order. Default: all of them, as `shuffle` and `seed` say. */
  readonly sampler?: Sampler;
  /** Whether rows that do not fill a last step are left out of the epoch. Default false. */
  readonly dropLast?: boolean;
}

const OPTIONS: OptionNames<DataLoaderOptions> = {
  batchSize: true,
  rowsAtOnce: true,
  shuffle: true,
  seed: true,
  sampler: true,
  dropLast: true,
};

/** What decides the steps of a loader. */
export let identityOfLoader: <Y extends Target>(loader: DataLoader<Y>) => Readonly<Record<string, unknown>>;

/**
 * The batches of each epoch: all rows once, in an order that depends on the seed and the number of the epoch alone; or those of a
 * sampler.
 *
 * Allocates its arrays once: a batch is overwritten by the next one of its size.
 */
export class DataLoader<Y extends Target = Target> {
  readonly rows: number;
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
  readonly rowsAtOnce: number;
  readonly #x: Tensor;
  readonly #copyTargets: CopyTargets<Y>;
  readonly #sampler: Sampler;
  readonly #buffers = new Map<number, { indices: Int32Array; x: Tensor; y: Y }>();
  #order: Int32Array | undefined;
  /** The epoch whose order that is. */
  #ordered = -1;

  static {
    identityOfLoader = (loader) => {
      const { rows, batchSize, rowsAtOnce, stepsPerEpoch } = loader;
      const order = crc32(bytesOf(loader.#orderOf(0)));
      return { data: 'a DataLoader', rows, batchSize, rowsAtOnce, stepsPerEpoch, order };
    };
  }

  /** @throws TypeError or RangeError naming the argument that does not fit. */
  constructor(data: Examples<Y>, options: DataLoaderOptions = {}) {
    this.rows = checkExamples('data', data);
    checkOptions('DataLoader', options, OPTIONS);
    const { batchSize = 32, rowsAtOnce = batchSize, dropLast = false } = options;
    checkInteger('batchSize', batchSize, 1);
    checkInteger('rowsAtOnce', rowsAtOnce, 1);
    checkBoolean('dropLast', dropLast);
    this.#sampler = samplerOf(this.rows, options);
    const { length } = this.#sampler;
    if (dropLast && batchSize > length) {
      throw new RangeError(
        `batchSize must be at most the ${length} rows of data with dropLast, got ${batchSize}: every epoch would be empty`,
      );
    }
    this.batchSize = batchSize;
    this.stepsPerEpoch = (dropLast ? Math.floor : Math.ceil)(length / batchSize);
    this.#x = data.x;
    this.#copyTargets = copyTargetsOf(data.y, this.rows);
    this.rowsAtOnce = rowsAtOnce;
  }

  /** The batches of the epoch with this number, which counts from 0. */
  *epoch(number: number): Iterable<Batch<Y>> {
    checkEpoch('number', number);
    for (let step = 0; step < this.stepsPerEpoch; step++) yield* this.step(number, step);
  }

  /** The batches of one step of an epoch; both count from 0. */
  *step(epoch: number, number: number): Iterable<Batch<Y>> {
    checkEpoch('epoch', epoch);
    checkInteger('number', number, 0);
    if (number >= this.stepsPerEpoch) {
      throw new RangeError(`number must be below the ${this.stepsPerEpoch} steps of an epoch, got ${number}`);
    }
    const first = number * this.batchSize;
    const end = Math.min(this.#sampler.length, first + this.batchSize);
    for (let from = first; from < end; from += this.rowsAtOnce) {
      const to = Math.min(end, from + this.rowsAtOnce);
      // Asked for every time: somebody else may go through another epoch meanwhile.
      const { x, y } = this.#gather(this.#orderOf(epoch), from, to - from);
      yield { x, y, rows: to - from, share: (to - from) / (end - first), endsStep: to === end };
    }
  }

  #orderOf(epoch: number): Int32Array {
    if (this.#order === undefined || this.#ordered !== epoch) {
      this.#order = indicesOf(this.#sampler, epoch, this.#order);
      this.#ordered = epoch;
    }
    return this.#order;
  }

  #gather(order: Int32Array, from: number, rows: number): { x: Tensor; y: Y } {
    const buffers = this.#buffers.get(rows);
    const indices = buffers?.indices ?? new Int32Array(rows);
    for (let r = 0; r < rows; r++) indices[r] = order[from + r];
    const x = gatherRows(this.#x, indices, buffers === undefined ? {} : { out: buffers.x });
    const y = this.#copyTargets(indices, buffers?.y);
    if (buffers === undefined) this.#buffers.set(rows, { indices, x, y });
    return { x, y };
  }
}

/** What the options of a loader say of the order. @throws TypeError or RangeError */
export function samplerOf(
  length: number,
  options: { readonly shuffle?: boolean; readonly seed?: number; readonly sampler?: Sampler },
): Sampler {
  const { shuffle = true, seed = 0, sampler } = options;
  if (sampler !== undefined) {
    checkSampler('sampler', sampler);
    for (const name of ['shuffle', 'seed'] as const) {
      if (options[name] !== undefined)
        throw new TypeError(`${name} must not be given with a sampler, which decides it`);
    }
    return sampler;
  }
  checkBoolean('shuffle', shuffle);
  checkInteger('seed', seed, 0);
  return shuffle ? new RandomSampler(length, { seed }) : new SequentialSampler(length);
}

/** The targets of these rows, in `out` where there is one. */
type CopyTargets<Y> = (indices: Int32Array, out: Y | undefined) => Y;

function copyTargetsOf<Y extends Target>(y: Y, rows: number): CopyTargets<Y>;
function copyTargetsOf(y: Target, rows: number): CopyTargets<Target> {
  if (y instanceof Tensor) {
    return (indices, out) => gatherRows(y, indices, out instanceof Tensor ? { out } : {});
  }
  const perRow = y.length / rows;
  return (indices, out) => {
    const result = out instanceof Int32Array ? out : new Int32Array(indices.length * perRow);
    for (let r = 0, to = 0; r < indices.length; r++) {
      const from = indices[r] * perRow;
      for (let k = 0; k < perRow; k++) result[to++] = y[from + k];
    }
    return result;
  };
}
