import { checkOptions, type OptionNames } from '../core/options.js';
import { showShape, sizeOf } from '../core/shapes.js';
import type { FloatArray } from '../core/types.js';
import { checkBoolean, checkInteger, checkObject, show } from '../core/validate.js';
import type { Dataset } from '../data/index.js';
import { Generator, gatherRows, Tensor, tensor } from '../nn/index.js';

/** What a loss compares an output with: class numbers, or a tensor. */
export type Target = Int32Array | Tensor;

/**
 * Rows to learn from.
 *
 * `x` is [rows, ...]. `y` is a tensor [rows, ...], or whole numbers, the same number of them for each row: one class, or one
 * for each position of a sequence.
 */
export interface Examples<Y extends Target = Target> {
  readonly x: Tensor;
  readonly y: Y;
}

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
  /** Whether every epoch has another order. Default true. */
  readonly shuffle?: boolean;
  /** Decides the orders. Default 0. */
  readonly seed?: number;
  /** Whether rows that do not fill a last step are left out of the epoch. Default false. */
  readonly dropLast?: boolean;
}

const OPTIONS: OptionNames<DataLoaderOptions> = {
  batchSize: true,
  rowsAtOnce: true,
  shuffle: true,
  seed: true,
  dropLast: true,
};

/** The random numbers of one epoch start this far from those of the epoch before. */
export const WORDS_PER_EPOCH = 2 ** 32;

/** As far as the random numbers reach. */
export const MOST_EPOCHS = 1_000_000;

/**
 * The batches of each epoch: all rows once, in an order that depends on the seed and the number of the epoch alone.
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
  readonly #shuffle: boolean;
  readonly #seed: number;
  readonly #buffers = new Map<number, { indices: Int32Array; x: Tensor; y: Y }>();
  #order: Int32Array;
  /** The epoch whose order that is. */
  #ordered = -1;

  /** @throws TypeError or RangeError naming the argument that does not fit. */
  constructor(data: Examples<Y>, options: DataLoaderOptions = {}) {
    this.rows = checkExamples('data', data);
    checkOptions('DataLoader', options, OPTIONS);
    const { batchSize = 32, rowsAtOnce = batchSize, shuffle = true, seed = 0, dropLast = false } = options;
    checkInteger('batchSize', batchSize, 1);
    checkInteger('rowsAtOnce', rowsAtOnce, 1);
    checkBoolean('shuffle', shuffle);
    checkInteger('seed', seed, 0);
    checkBoolean('dropLast', dropLast);
    if (dropLast && batchSize > this.rows) {
      throw new RangeError(
        `batchSize must be at most the ${this.rows} rows of data with dropLast, got ${batchSize}: every epoch would be empty`,
      );
    }
    this.batchSize = batchSize;
    this.stepsPerEpoch = (dropLast ? Math.floor : Math.ceil)(this.rows / batchSize);
    this.#x = data.x;
    this.#copyTargets = copyTargetsOf(data.y, this.rows);
    this.rowsAtOnce = rowsAtOnce;
    this.#shuffle = shuffle;
    this.#seed = seed;
    this.#order = Int32Array.from({ length: this.rows }, (_, row) => row);
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
    const end = Math.min(this.rows, first + this.batchSize);
    for (let from = first; from < end; from += this.rowsAtOnce) {
      const to = Math.min(end, from + this.rowsAtOnce);
      // Asked for every time: somebody else may go through another epoch meanwhile.
      const { x, y } = this.#gather(this.#orderOf(epoch), from, to - from);
      yield { x, y, rows: to - from, share: (to - from) / (end - first), endsStep: to === end };
    }
  }

  #orderOf(epoch: number): Int32Array {
    if (!this.#shuffle || this.#ordered === epoch) return this.#order;
    new Generator(this.#seed, (epoch + 1) * WORDS_PER_EPOCH).fillPermutation(this.#order);
    this.#ordered = epoch;
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

function checkEpoch(name: string, epoch: unknown): void {
  checkInteger(name, epoch, 0);
  if (epoch >= MOST_EPOCHS) throw new RangeError(`${name} must be below ${MOST_EPOCHS}, got ${epoch}`);
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

/** How many rows there are. @throws TypeError or RangeError naming what does not fit. */
export function checkExamples(name: string, data: unknown): number {
  checkObject(name, data);
  const { x, y } = data;
  if (!(x instanceof Tensor)) {
    throw new TypeError(
      `${name}.x must be a Tensor, got ${show(x)}; examplesOf() makes examples of a data set, tensor() of an array`,
    );
  }
  const [rows] = x.shape;
  if (rows === undefined) throw new RangeError(`${name}.x must have a dimension of rows, got shape []`);
  if (x.requiresGrad) throw new TypeError(`${name}.x must not require a gradient`);
  if (y instanceof Int32Array) {
    if (y.length === 0 || y.length % rows !== 0) {
      throw new RangeError(`${name}.y must have as many numbers for each of ${rows} rows, got ${y.length}`);
    }
  } else if (y instanceof Tensor) {
    if (y.shape[0] !== rows) {
      throw new RangeError(`${name}.y must have ${rows} rows as x has, got shape ${showShape(y.shape)}`);
    }
    if (y.requiresGrad) throw new TypeError(`${name}.y must not require a gradient`);
  } else {
    throw new TypeError(`${name}.y must be an Int32Array of whole numbers or a Tensor, got ${show(y)}`);
  }
  return rows;
}

/**
 * The rows of a data set, in place, as `fit` takes them.
 * @param shape that of one row, for layers that want images: [28, 28, 1]. Default: [columns].
 */
export function examplesOf(
  dataset: Dataset,
  shape: readonly number[] = [dataset?.columns],
): Examples<Int32Array> {
  checkObject('dataset', dataset);
  if (!Array.isArray(shape)) {
    throw new TypeError(`shape must be an array of the lengths of one row, got ${show(shape)}`);
  }
  const { features, labels, rows, columns } = dataset;
  for (const [i, length] of shape.entries()) checkInteger(`shape[${i}]`, length, 1);
  if (sizeOf(shape) !== columns) {
    throw new RangeError(`shape must hold the ${columns} columns of a row, got ${show(shape)}`);
  }
  return { x: tensor(features, [rows, ...shape]), y: labels };
}

/** Rows [from, to) of a tensor or of class numbers, in the same memory. */
export function sliceRows<Y extends Target>(values: Y, rows: number, from: number, to: number): Y;
export function sliceRows(values: Target, rows: number, from: number, to: number): Target {
  if (values instanceof Tensor) {
    const perRow = values.size / rows;
    const part: FloatArray = values.value.subarray(from * perRow, to * perRow);
    return tensor(part, [to - from, ...values.shape.slice(1)]);
  }
  const perRow = values.length / rows;
  return values.subarray(from * perRow, to * perRow);
}
