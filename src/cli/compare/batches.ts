import type { Dataset } from '../../data/index.js';
import { Generator, gatherRows, type Tensor, tensor } from '../../nn/index.js';

/** Rows to learn from, and how much they weigh in the mean over the batch they are part of. */
export interface Part {
  readonly x: Tensor;
  readonly labels: Int32Array;
  readonly share: number;
}

/** A batch beyond this many rows is worked through in parts, so that memory does not grow with it. */
const ROWS_AT_ONCE = 1024;

/** The generator's numbers of one pass over the data start this far from those of the pass before. */
const WORDS_PER_PASS = 2 ** 32;

/** The batches of a data set: every pass in another order, the same orders for the same seed. */
export class Batches {
  readonly stepsPerPass: number;
  readonly #data: Dataset;
  readonly #source: Tensor;
  readonly #batch: number;
  readonly #seed: number;
  /** By the number of rows: a part's tensor, used again for every part of that size. */
  readonly #buffers = new Map<number, Tensor>();

  constructor(data: Dataset, batch: number, seed: number) {
    this.#data = data;
    this.#source = tensor(data.features, [data.rows, data.columns]);
    this.#batch = batch;
    this.#seed = seed;
    this.stepsPerPass = Math.ceil(data.rows / batch);
  }

  /** The row numbers of each batch of one pass; the last batch holds what is left. */
  *pass(number: number): Iterable<Int32Array> {
    const order = new Generator(this.#seed, (number + 1) * WORDS_PER_PASS).permutation(this.#data.rows);
    for (let from = 0; from < order.length; from += this.#batch) {
      yield order.subarray(from, from + this.#batch);
    }
  }

  /** A batch in parts. A part is overwritten by the next one. */
  *parts(rows: Int32Array): Iterable<Part> {
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
      const indices = rows.subarray(from, from + ROWS_AT_ONCE);
      const out = this.#buffers.get(indices.length);
      const x = gatherRows(this.#source, indices, out === undefined ? {} : { out });
      this.#buffers.set(indices.length, x);
      yield { x, labels: indices.map((row) => this.#data.labels[row]), share: indices.length / rows.length };
    }
  }
}
