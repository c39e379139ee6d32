import { show } from '../core/validate.js';
import { checkExamples, type Examples, sliceRows, type Target } from './examples.js';
import { DataLoader, identityOfLoader } from './loader.js';
import { identityOfSamples, SampleLoader } from './samples/sample-loader.js';
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
  /** Whether `steps` can begin in the middle of an epoch; else those before have to be gone through. */
  readonly canBeginAnywhere: boolean;
  /** What decides the steps, as far as it is known: a run that goes on must have the same. */
  identity(): Readonly<Record<string, unknown>>;
  /**
   * The steps of the epoch with this number. `return()` ends it early.
   * @param first the number of the first one, where the feed can begin anywhere. Default 0.
   */
  steps(epoch: number, first?: number): Steps<Y>;
}

export type Steps<Y extends Target> = Iterator<Step<Y>> | AsyncIterator<Step<Y>>;

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
  if (data instanceof SampleLoader) return feedOfSamples(data);
  return data instanceof DataLoader ? feedOfLoader(data) : feedOfBatches(data, perStep);
}

function feedOfLoader<Y extends Target>(loader: DataLoader<Y>): Feed<Y> {
  return {
    stepsPerEpoch: loader.stepsPerEpoch,
    rowsAtOnce: loader.rowsAtOnce,
    canBeginAnywhere: true,
    identity: () => identityOfLoader(loader),
    *steps(epoch, first = 0) {
      for (let number = first; number < loader.stepsPerEpoch; number++) {
        yield { batches: () => loader.step(epoch, number) };
      }
    },
  };
}

function feedOfSamples<Y extends Target>(loader: SampleLoader<Y>): Feed<Y> {
  const { stepsPerEpoch, rowsAtOnce } = loader;
  return {
    stepsPerEpoch,
    rowsAtOnce,
    canBeginAnywhere: loader.length !== null,
    identity: () => identityOfSamples(loader),
    steps: (epoch, first) => loader.steps(epoch, first),
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
    canBeginAnywhere: false,
    identity: () => ({ rows, batchSize }),
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
    canBeginAnywhere: false,
    identity: () => ({ data: 'batches', gradientAccumulation: perStep }),
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
