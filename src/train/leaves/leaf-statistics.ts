import { copy, settledArray } from '../../backend/stream.js';
import type { FloatArray } from '../../core/types.js';
import type { Communicator } from '../../distributed/communicator.js';
import { takeLike } from '../../nn/engine/autograd.js';
import { pool } from '../../nn/engine/pool.js';
import type { Tensor } from '../../nn/index.js';
import { moveTowards } from '../../nn/layers/running-statistics.js';
import type { Pace } from '../pace.js';

/** What a leaf has seen of a layer: running statistics are to move towards it. */
interface Seen {
  readonly buffer: number;
  readonly momentum: number;
  readonly factor: number;
  /** From the pool. */
  readonly values: FloatArray;
}

/** Numbers of a {@link Seen} before its values. */
const HEADER = 3;

/**
 * The statistics that layers such as BatchNorm1d see in the leaves of a step. Every rank moves its running ones by those of all
 * leaves, in the order of the leaves, as one process would that computes one after the other.
 */
export class LeafStatistics {
  readonly #buffers: readonly Tensor[];
  readonly #places: ReadonlyMap<Tensor, number>;
  #seen: Seen[] = [];
  #numbers = new Float64Array(0);

  constructor(buffers: readonly Tensor[]) {
    this.#buffers = buffers;
    this.#places = new Map(buffers.map((buffer, place) => [buffer, place]));
  }

  /** Notes what a layer has seen: see `withMover`. */
  readonly note = (running: Tensor, of: FloatArray, momentum: number, factor: number): void => {
    const buffer = this.#places.get(running);
    if (buffer === undefined) {
      throw new Error('distributed training needs running statistics to be among the buffers of the model');
    }
    const values = takeLike(running);
    copy(of, values);
    this.#seen.push({ buffer, momentum, factor, values });
  };

  /** How many numbers all leaves so far have to share. */
  get length(): number {
    return this.#seen.reduce((sum, { values }) => sum + HEADER + values.length, 0);
  }

  /**
   * Moves the running statistics. Nothing may be pending.
   * @param lengths for each rank how many numbers it has to share.
   */
  async share(
    communicator: Communicator,
    lengths: readonly number[],
    pace: Pace,
    label: string,
  ): Promise<void> {
    const partition = [0];
    for (const length of lengths) partition.push(partition[partition.length - 1] + length);
    const all = partition[partition.length - 1];
    if (all === 0) return;
    if (this.#numbers.length !== all) this.#numbers = new Float64Array(all);
    this.#write(partition[communicator.rank]);
    await communicator.gatherParts(this.#numbers, partition, label);
    // Elements are written here.
    pace.runAtOnce(() => this.#move());
  }

  #write(begin: number): void {
    let at = begin;
    for (const { buffer, momentum, factor, values } of this.#seen) {
      this.#numbers.set([buffer, momentum, factor], at);
      this.#numbers.set(settledArray(values), at + HEADER);
      at += HEADER + values.length;
      pool.release(values);
    }
    this.#seen = [];
  }

  #move(): void {
    for (let at = 0; at < this.#numbers.length; ) {
      const [buffer, momentum, factor] = this.#numbers.subarray(at, at + HEADER);
      const running = this.#buffers[buffer];
      const values = settledArray(takeLike(running));
      at += HEADER;
      values.set(this.#numbers.subarray(at, at + values.length));
      at += values.length;
      moveTowards(running, values, momentum, factor);
      pool.release(values);
    }
  }
}
