import { show } from '../core/validate.js';
import { checkExamples, type Examples, sliceRows, type Target } from './examples.js';
import { DataLoader } from './loader.js';
import { SampleLoader } from './samples/sample-loader.js';
import { type Step, stepOf } from './steps.js';

/** Batches that someone makes, one by one, or a function that makes those of an epoch. */
export type Batches<Y extends Target> =
  | Iterable<Examples<Y>>
  | AsyncIterable<Examples<Y>>
  | ((epoch: number) => Iterable<Examples<Y>> | AsyncIterable<Examples<Y>>);

/** What has rows: in memory, of a loader, or batch by batch. */
export type Data<Y extends Target> = Examples<Y> | DataLoader<Y> | SampleLoader<Y> | Batches<Y>;

/** What all data are to a training. */
export interface Feed<Y extends Target> {
  /** Null where only the end of an epoch tells. */
  readonly stepsPerEpoch: number | null;
  /** Rows that go through the model at once; null where the data decide. */
  readonly rowsAtOnce: number | null;
  /** The steps of the epoch with this number. `return()` ends it early. */
  steps(epoch: number): Iterator<Step<Y>> | AsyncIterator<Step<Y>>;
}

/** Whether data decide by themselves what a batch is. */
export function decidesBatches<Y extends Target>(data: Data<Y>): data is Exclude<Data<Y>, Examples<Y>> {
  return data instanceof DataLoader || data instanceof SampleLoader || isBatches(data);
}

function isBatches<Y extends Target>(data: Data<Y>): data is Batches<Y> {
  if (typeof data === 'function') return true;
  return (
    typeof data === 'object' && data !== null && (Symbol.iterator in data || Symbol.asyncIterator in data)
  );
}

/** @param perStep batches to a step, where the data are batches. */
export function feedOf<Y extends Target>(data: Exclude<Data<Y>, Examples<Y>>, perStep = 1): Feed<Y> {
  if (data instanceof SampleLoader) return data;
  return data instanceof DataLoader ? feedOfLoader(data) : feedOfBatches(data, perStep);
}

function feedOfLoader<Y extends Target>(loader: DataLoader<Y>): Feed<Y> {
  return {
    stepsPerEpoch: loader.stepsPerEpoch,
    rowsAtOnce: loader.rowsAtOnce,
    *steps(epoch) {
      for (let number = 0; number < loader.stepsPerEpoch; number++) {
        yield { batches: () => loader.step(epoch, number) };
      }
    },
  };
}

/** Rows in memory, in their order, without a copy. */
export function feedOfSlices<Y extends Target>(
  { x, y }: Examples<Y>,
  rows: number,
  batchSize: number,
): Feed<Y> {
  return {
    stepsPerEpoch: Math.ceil(rows / batchSize),
    rowsAtOnce: batchSize,
    *steps() {
      for (let from = 0; from < rows; from += batchSize) {
        const to = Math.min(rows, from + batchSize);
        yield stepOf([{ x: sliceRows(x, rows, from, to), y: sliceRows(y, rows, from, to) }], [to - from]);
      }
    },
  };
}

function feedOfBatches<Y extends Target>(data: Batches<Y>, perStep: number): Feed<Y> {
  return {
    stepsPerEpoch: null,
    rowsAtOnce: null,
    async *steps(epoch) {
      const batches: unknown = typeof data === 'function' ? data(epoch) : data;
      if (!isIterable(batches)) {
        throw new TypeError(`the function of data must return an iterable of batches, got ${show(batches)}`);
      }
      let parts: Examples<Y>[] = [];
      let rows: number[] = [];
      for await (const batch of batches as AsyncIterable<Examples<Y>>) {
        rows.push(checkExamples('a batch of data', batch));
        parts.push(batch);
        if (parts.length < perStep) continue;
        yield stepOf(parts, rows);
        [parts, rows] = [[], []];
      }
      if (parts.length > 0) yield stepOf(parts, rows);
    },
  };
}

function isIterable(value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> {
  return (
    typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value)
  );
}
