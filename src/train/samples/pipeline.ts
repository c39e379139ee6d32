import { pathToFileURL } from 'node:url';
import type { Generator } from '../../array/generator.js';
import type { FloatArray } from '../../core/types.js';
import { checkInteger, checkObject, isObject, show } from '../../core/validate.js';
import type { ArrayOfShape, Numbers } from '../../data/index.js';

/** One thing to learn from. */
export interface Sample {
  /** An array, which makes a batch [rows, length], or one with a shape, which makes it [rows, ...shape]. */
  readonly x: Numbers | ArrayOfShape<Numbers>;
  /** The number of a class; whole numbers, as many for each sample; or numbers to come near to. */
  readonly y: number | Int32Array | FloatArray | ArrayOfShape<FloatArray>;
}

/** Samples that can be asked for in any order. */
export interface Samples<S = Sample> {
  readonly length: number;
  /** Sample `index`, or the promise of it. */
  get(index: number): S | Promise<S>;
}

/** Samples that come one after the other. */
export type SampleStream<S = Sample> = Iterable<S> | AsyncIterable<S>;

/** What the rows of a step become: arrays of all of them. */
export interface Columns {
  readonly x: ArrayOfShape<FloatArray>;
  readonly y: Int32Array | ArrayOfShape<FloatArray>;
}

/** Where samples come from, and what becomes of them. */
export interface Pipeline<Raw = Sample, S = Raw> {
  /**
   * Samples by number, as an array of them, an `NpyRows` or an object of your own with `length` and `get(index)`; or a function of
   * the number of the epoch that makes an iterable of them, async or not.
   */
  readonly data: Samples<Raw> | readonly Raw[] | ((epoch: number) => SampleStream<Raw>);
  /**
   * What becomes of a sample. `random` depends on the seed, the epoch and the number of the sample alone: an augmentation that
   * draws from it is the same with any number of workers. Default: it stays as it is.
   */
  readonly transform?: (sample: Raw, random: Generator) => S | Promise<S>;
  /**
   * Makes arrays of the samples of a step, such as sequences that are padded to the longest of them. `x` and a `y` with a shape
   * have the rows as their first dimension. Default: the arrays of {@link Sample}, one below the other.
   */
  readonly collate?: (samples: readonly S[]) => Columns | Promise<Columns>;
}

/** A pipeline by the module that makes it, for threads of their own take no functions from elsewhere. */
export interface PipelineModule {
  /** The module: an absolute URL such as `new URL('./digits.js', import.meta.url)`, a path, or the name of a package. */
  readonly module: string | URL;
  /** The export that is a {@link Pipeline}, or a function that makes one, async or not. Default `'default'`. */
  readonly export?: string;
  /** What that function is given: anything that can be posted to a worker. */
  readonly argument?: unknown;
}

/** A pipeline as it is used: of samples by number, or of a stream. */
export interface Opened {
  /** Null for a stream. */
  readonly length: number | null;
  get(index: number): unknown;
  stream(epoch: number): SampleStream<unknown>;
  readonly transform: ((sample: unknown, random: Generator) => unknown) | undefined;
  readonly collate: ((samples: readonly unknown[]) => unknown) | undefined;
}

export function isPipelineModule(value: unknown): value is PipelineModule {
  return isObject(value) && 'module' in value;
}

/** @throws TypeError naming what does not fit. */
export function openPipeline(name: string, pipeline: unknown): Opened {
  checkObject(name, pipeline);
  const { data, transform, collate } = pipeline;
  const rest = {
    transform: methodOf<[unknown, Generator]>(`${name}.transform`, transform, pipeline),
    collate: methodOf<[readonly unknown[]]>(`${name}.collate`, collate, pipeline),
  };
  if (typeof data === 'function') {
    return {
      length: null,
      get: none,
      stream: (epoch) => checkStream(name, Reflect.apply(data, pipeline, [epoch])),
      ...rest,
    };
  }
  if (Array.isArray(data)) {
    checkInteger(`${name}.data.length`, data.length, 1);
    return { length: data.length, get: (index) => data[index], stream: none, ...rest };
  }
  if (!isObject(data) || typeof data.get !== 'function') {
    throw new TypeError(
      `${name}.data must be samples with length and get(index), an array, or a function of the epoch that makes an iterable, got ${show(data)}`,
    );
  }
  const { get, length } = data;
  checkInteger(`${name}.data.length`, length, 1);
  return { length, get: (index) => Reflect.apply(get, data, [index]), stream: none, ...rest };
}

/** Loads the module and has it make its pipeline. */
export async function loadPipeline({
  module,
  export: name = 'default',
  argument,
}: PipelineModule): Promise<Opened> {
  const found: unknown = Reflect.get(await import(addressOf(module)), name);
  const owner = `${name} of ${String(module)}`;
  if (found === undefined) throw new TypeError(`${String(module)} has no export ${show(name)}`);
  const pipeline: unknown = typeof found === 'function' ? await found(argument) : found;
  return openPipeline(owner, pipeline);
}

/** A path of this system is no address of a module, as C:\data.js is none. */
function addressOf(module: string | URL): string {
  if (module instanceof URL) return module.href;
  return /^([A-Za-z]:)?[./\\]/.test(module) ? pathToFileURL(module).href : module;
}

/** A function of the pipeline, called as its method. @throws TypeError where it is none. */
function methodOf<Told extends readonly unknown[]>(
  name: string,
  value: unknown,
  owner: object,
): ((...told: Told) => unknown) | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'function') throw new TypeError(`${name} must be a function, got ${show(value)}`);
  return (...told) => Reflect.apply(value, owner, told);
}

function checkStream(name: string, value: unknown): SampleStream<unknown> {
  if (typeof value === 'object' && value !== null && isStream(value)) return value;
  throw new TypeError(`${name}.data must return an iterable, got ${show(value)}`);
}

function isStream(value: object): value is SampleStream<unknown> {
  return Symbol.iterator in value || Symbol.asyncIterator in value;
}

function none(): never {
  throw new Error('a stream has no numbers, and samples with numbers are no stream');
}
