import { settledArray } from '../../backend/stream.js';
import type { Communicator } from '../../distributed/communicator.js';
import type { LeafPlan } from '../../distributed/leaf-plan.js';
import type { Operation } from '../../nn/engine/tensor.js';
import type { Tensor } from '../../nn/index.js';
import type { Pace } from '../pace.js';
import { completions } from './completions.js';
import type { LeafGradients } from './leaf-gradients.js';
import type { Shards } from './shards.js';
import type { Turn } from './turns.js';

interface InBucket {
  readonly tensor: Tensor;
  readonly bucket: number;
}

/**
 * Sums the gradients of a step over all ranks: a bucket is sent as soon as the way back of the rank's last leaf is through it, in
 * the same order everywhere.
 */
export class Sending {
  readonly #communicator: Communicator;
  readonly #gradients: LeafGradients;
  readonly #shards: Shards | null;
  readonly #pace: Pace;
  readonly #plan: LeafPlan;
  readonly #pieces: number;
  /** The rank's last leaf; null where it has none. */
  readonly #turn: Turn | null;
  readonly #label: string;
  readonly #sums: Promise<void>[] = [];
  /** By bucket, how many parameters are yet to come. */
  readonly #missing: number[];
  #completions: ReadonlyMap<number, readonly InBucket[]> = new Map();
  #operations = 0;
  #next = 0;

  /** @param label of the step, in messages */
  constructor(
    communicator: Communicator,
    gradients: LeafGradients,
    shards: Shards | null,
    pace: Pace,
    plan: LeafPlan,
    turn: Turn | null,
    label: string,
  ) {
    this.#communicator = communicator;
    this.#gradients = gradients;
    this.#shards = shards;
    this.#pace = pace;
    this.#plan = plan;
    this.#pieces = plan.nodes(communicator.rank).length;
    this.#turn = turn;
    this.#label = label;
    this.#missing = gradients.buckets.map(({ slots }) => slots.length);
  }

  /** Takes note of what the way back goes through. */
  follow(operations: readonly Operation[]): void {
    const buckets = this.#gradients.buckets.flatMap(({ slots }, bucket) =>
      slots.map(({ tensor }) => ({ tensor, bucket })),
    );
    this.#completions = completions(operations, buckets);
  }

  /** Takes note of one more operation that the way back went through. @returns whether a bucket is complete. */
  advance(): boolean {
    for (const { bucket } of this.#completions.get(this.#operations++) ?? []) this.#missing[bucket]--;
    return this.#missing[this.#next] === 0;
  }

  /** Sends the buckets that are complete. */
  async send(): Promise<void> {
    while (this.#missing[this.#next] === 0) await this.#sendNext();
  }

  /** Sends what is left: the way back is over. */
  async sendAll(): Promise<void> {
    while (this.#next < this.#missing.length) await this.#sendNext();
  }

  /** The same, and waits for the sums. */
  async finish(): Promise<void> {
    await this.sendAll();
    await Promise.all(this.#sums);
  }

  async #sendNext(): Promise<void> {
    const bucket = this.#next++;
    const turn = this.#turn;
    if (turn !== null) this.#pace.run(() => this.#gradients.add(bucket, turn));
    await this.#pace.settled();
    const pieces = this.#gradients.pieces(bucket, this.#pieces);
    const whole = settledArray(this.#gradients.whole(bucket));
    for (const piece of pieces) settledArray(piece);
    const label = `${this.#gradients.buckets[bucket].label}, ${this.#label}`;
    const sum =
      this.#shards === null
        ? this.#communicator.sum(this.#plan, pieces, whole, label)
        : this.#communicator.sumParts(this.#plan, pieces, whole, this.#shards.partition(bucket), label);
    // Whoever waits for all of them is told; that may be later.
    sum.catch(() => undefined);
    this.#sums.push(sum);
  }
}
