import type { Generator } from '../../array/generator.js';
import { show } from '../../core/validate.js';
import { generatorOfOrder, generatorsOfSamples } from '../../data/epochs.js';
import { copyColumns, Slot, stack, type Table } from './columns.js';
import type { Opened } from './pipeline.js';

/** What a reader is to do, in this thread or in another one. */
export interface Request {
  readonly epoch: number;
  /** Its number in the epoch: those of a stream are asked for in their order. */
  readonly step: number;
  /** The samples of the step; null for the next ones of a stream. */
  readonly indices: Int32Array | null;
  /** The memory that it may use. */
  readonly slot: number;
}

/** What all readers of a loader have in common. */
export interface ReaderOptions {
  readonly seed: number;
  readonly batchSize: number;
  readonly dropLast: boolean;
  readonly shuffleBuffer: number;
}

/** A stream that is being read. */
interface Reading {
  readonly samples: AsyncIterator<unknown>;
  seen: number;
}

/** Makes the steps of a pipeline. */
export class Reader {
  readonly length: number | null;
  readonly #pipeline: Opened;
  readonly #options: ReaderOptions;
  readonly #shared: boolean;
  readonly #slots = new Map<number, Slot>();
  #reading: Reading | null = null;
  #generators: { readonly epoch: number; readonly of: (index: number) => Generator } | null = null;

  /** @param shared whether another thread reads what it makes. */
  constructor(pipeline: Opened, options: ReaderOptions, shared: boolean) {
    this.length = pipeline.length;
    this.#pipeline = pipeline;
    this.#options = options;
    this.#shared = shared;
  }

  /** The rows of a step; null at the end of a stream. */
  async read({ epoch, step, indices, slot }: Request): Promise<Table | null> {
    if (step === 0) await this.end();
    const samples = indices === null ? await this.#next(epoch) : await this.#gather(epoch, indices);
    if (samples === null) return null;
    let memory = this.#slots.get(slot);
    if (memory === undefined) {
      memory = new Slot(this.#shared);
      this.#slots.set(slot, memory);
    }
    const { collate } = this.#pipeline;
    return collate === undefined ? stack(samples, memory) : copyColumns(await collate(samples), memory);
  }

  /** Ends the epoch of a stream early. */
  async end(): Promise<void> {
    const reading = this.#reading;
    this.#reading = null;
    await reading?.samples.return?.();
  }

  async #gather(epoch: number, indices: Int32Array): Promise<readonly unknown[]> {
    const { get } = this.#pipeline;
    const samples = await settle(Array.from(indices, (index) => get(index)));
    return this.#transform(epoch, samples, (i) => indices[i]);
  }

  #transform(epoch: number, samples: readonly unknown[], numberOf: (i: number) => number) {
    const { transform } = this.#pipeline;
    if (transform === undefined) return samples;
    if (this.#generators?.epoch !== epoch) {
      this.#generators = { epoch, of: generatorsOfSamples(this.#options.seed, epoch) };
    }
    const { of } = this.#generators;
    return settle(samples.map((sample, i) => transform(sample, of(numberOf(i)))));
  }

  async #next(epoch: number): Promise<readonly unknown[] | null> {
    this.#reading ??= { samples: this.#shuffled(epoch), seen: 0 };
    const reading = this.#reading;
    const { batchSize, dropLast } = this.#options;
    const samples: unknown[] = [];
    while (samples.length < batchSize) {
      const { value, done } = await reading.samples.next();
      if (done === true) break;
      samples.push(value);
    }
    if (samples.length === 0 || (dropLast && samples.length < batchSize)) return null;
    const before = reading.seen;
    reading.seen += samples.length;
    return this.#transform(epoch, samples, (i) => before + i);
  }

  /** The samples of a stream, each drawn from the next ones of it. */
  async *#shuffled(epoch: number): AsyncGenerator<unknown, void> {
    const { shuffleBuffer, seed } = this.#options;
    const random = generatorOfOrder(seed, epoch);
    const waiting: unknown[] = [];
    for await (const sample of this.#pipeline.stream(epoch)) {
      if (shuffleBuffer <= 1) yield sample;
      else if (waiting.length < shuffleBuffer) waiting.push(sample);
      else {
        const chosen = random.integer(shuffleBuffer);
        yield waiting[chosen];
        waiting[chosen] = sample;
      }
    }
    for (const i of random.permutation(waiting.length)) yield waiting[i];
  }
}

/** The values, once those that are promises have come. */
function settle(values: readonly unknown[]): readonly unknown[] | Promise<readonly unknown[]> {
  return values.some((value) => value instanceof Promise) ? Promise.all(values) : values;
}

/** An error as it can be posted to another thread. */
export function postable(error: unknown): Error {
  return error instanceof Error ? error : new Error(`${show(error)} was thrown`);
}
