import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkBoolean, checkInteger, show } from '../../core/validate.js';
import type { Target } from '../examples.js';
import { type Lane, ownLane, WorkerLane } from './lanes.js';
import {
  isPipelineModule,
  loadPipeline,
  openPipeline,
  type Pipeline,
  type PipelineModule,
} from './pipeline.js';
import type { ReaderOptions } from './reader.js';
import { makeLoader, type SampleLoader, type SampleLoaderOptions } from './sample-loader.js';

const OPTIONS: OptionNames<SampleLoaderOptions> = {
  batchSize: true,
  rowsAtOnce: true,
  shuffle: true,
  shuffleBuffer: true,
  seed: true,
  sampler: true,
  dropLast: true,
  workers: true,
  prefetch: true,
};

/** What the targets of such samples become. */
export type TargetOf<S> = S extends { readonly y: infer Y }
  ? Y extends number | Int32Array
    ? Int32Array
    : Exclude<Target, Int32Array>
  : Target;

/**
 * A loader of samples that are made one by one.
 *
 * ```ts
 * // digits.ts
 * export default () => {
 *   const images = openIdx('train-images-idx3-ubyte');
 *   const labels = openIdx('train-labels-idx1-ubyte');
 *   return {
 *     data: { length: images.length, get: (i: number) => ({ x: images.get(i), y: labels.get(i).value[0] }) },
 *     transform: ({ x, y }, random) => ({ x: normalize(randomCrop(x, { padding: 2, random })), y }),
 *   };
 * };
 *
 * // train.ts
 * const module = new URL('./digits.js', import.meta.url);
 * const loader = await openLoader<Int32Array>({ module }, { batchSize: 128, workers: 2 });
 * await fit(model, loader, { loss: crossEntropy, optimizer, epochs: 5 });
 * await loader.close();
 * ```
 *
 * @param pipeline where samples come from; by its module, where workers make the steps.
 * @throws TypeError or RangeError naming what does not fit; what the pipeline throws where it is opened.
 */
export function openLoader<Y extends Target = Target>(
  pipeline: PipelineModule,
  options?: SampleLoaderOptions,
): Promise<SampleLoader<Y>>;
export function openLoader<Raw, S = Raw>(
  pipeline: Pipeline<Raw, S>,
  options?: SampleLoaderOptions,
): Promise<SampleLoader<TargetOf<S>>>;
export async function openLoader(
  pipeline: Pipeline<unknown, unknown> | PipelineModule,
  options: SampleLoaderOptions = {},
): Promise<SampleLoader<Target>> {
  checkOptions('openLoader', options, OPTIONS);
  const { seed = 0, batchSize = 32, rowsAtOnce = batchSize, dropLast = false, shuffleBuffer = 1 } = options;
  const { workers = 0, prefetch = 0 } = options;
  checkInteger('batchSize', batchSize, 1);
  checkInteger('rowsAtOnce', rowsAtOnce, 1);
  checkInteger('seed', seed, 0);
  checkBoolean('dropLast', dropLast);
  checkInteger('shuffleBuffer', shuffleBuffer, 1);
  checkInteger('workers', workers, 0);
  checkInteger('prefetch', prefetch, 0);
  const start = await starter(pipeline, workers, { seed, batchSize, dropLast, shuffleBuffer });
  const lanes = start();
  try {
    const [length] = await Promise.all(lanes.map((lane) => lane.length()));
    checkKind(length, options);
    return makeLoader({ length, lanes, start, options });
  } catch (error) {
    await Promise.all(lanes.map((lane) => lane.close()));
    throw error;
  }
}

async function starter(
  pipeline: unknown,
  workers: number,
  options: ReaderOptions,
): Promise<() => readonly Lane[]> {
  if (isPipelineModule(pipeline)) {
    const { module } = pipeline;
    if (!(typeof module === 'string' || module instanceof URL)) {
      throw new TypeError(`pipeline.module must be a URL or a string, got ${show(module)}`);
    }
    if (workers > 0) return () => Array.from({ length: workers }, () => new WorkerLane(pipeline, options));
    const opened = await loadPipeline(pipeline);
    return () => [ownLane(opened, options)];
  }
  const opened = openPipeline('pipeline', pipeline);
  if (workers > 0) {
    throw new TypeError(
      'workers need a pipeline by its module, { module: new URL(...), export: ... }, for functions cannot be posted to them',
    );
  }
  return () => [ownLane(opened, options)];
}

/** That the options are such as samples with numbers have, or a stream. */
function checkKind(length: number | null, options: SampleLoaderOptions): void {
  const { shuffle, sampler, shuffleBuffer, workers = 0 } = options;
  if (length !== null) {
    if (shuffleBuffer === undefined) return;
    throw new TypeError('shuffleBuffer is for a stream: samples with numbers have shuffle');
  }
  if (shuffle !== undefined)
    throw new TypeError('shuffle is for samples with numbers: a stream has shuffleBuffer');
  if (sampler !== undefined)
    throw new TypeError('sampler is for samples with numbers: a stream has an order');
  if (workers > 1) throw new RangeError(`workers must be at most 1 for a stream, got ${workers}`);
}
