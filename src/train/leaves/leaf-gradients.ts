import { kernels } from '../../backend/stream.js';
import type { FloatArray } from '../../core/types.js';
import { keptGradient } from '../../nn/engine/kept-gradients.js';
import {
  collectPlaced,
  fillPlaced,
  placeGradient,
  withdrawGradient,
} from '../../nn/engine/placed-gradients.js';
import type { Tensor } from '../../nn/index.js';
import { type Bucket, type BucketMemory, bucketsOf, memoryOf, type Slot } from './buckets.js';
import type { Turn } from './turns.js';

/**
 * The gradients of leaves and their sums, in buckets: as often as there are places for them. In the end the sum is in the first
 * place, where parameters have their gradient.
 */
export class LeafGradients {
  readonly buckets: readonly Bucket[];
  /** By place, then by bucket. */
  readonly #memories: BucketMemory[][] = [];
  /** Whether a parameter has had a gradient: an optimizer leaves it alone before. */
  readonly #has: boolean[];
  /** Whether one has arrived in the leaf at work. */
  readonly #arrived: boolean[];

  constructor(tensors: readonly Tensor[], bucketBytes: number) {
    this.buckets = bucketsOf(tensors, bucketBytes);
    this.#has = tensors.map(() => false);
    this.#arrived = tensors.map(() => false);
    this.#memoryAt(0);
  }

  /** Takes note of which parameters have a gradient, before the first step. */
  start(): void {
    this.eachSlot(({ tensor, index }) => {
      this.#has[index] = keptGradient(tensor) !== 'none';
    });
  }

  get count(): number {
    return this.#has.length;
  }

  /** Has the gradients of the next leaf be computed there. */
  begin(place: number): void {
    const memories = this.#memoryAt(place);
    for (const [b, { slots }] of this.buckets.entries()) {
      for (const [s, { tensor }] of slots.entries()) placeGradient(tensor, memories[b].parts[s]);
    }
    this.#arrived.fill(false);
  }

  /** Adds up what a bucket has, now that its gradients of the leaf are complete. */
  add(bucket: number, { place, additions }: Turn): void {
    const { parts } = this.#memories[place][bucket];
    for (const [s, { tensor, index }] of this.buckets[bucket].slots.entries()) {
      this.#arrived[index] = collectPlaced(tensor, parts[s]);
    }
    for (const { to, from } of additions) {
      const into = this.#memories[to][bucket].all;
      kernels().add(0, 1, 1, into.length, into, this.#memories[from][bucket].all, into);
    }
  }

  /** Whether a gradient of this parameter has arrived in the leaf at work. */
  hasArrived(index: number): boolean {
    return this.#arrived[index];
  }

  /** The first `count` places of a bucket. */
  pieces(bucket: number, count: number): FloatArray[] {
    return this.#memories.slice(0, count).map((memories) => memories[bucket].all);
  }

  /** Where the sum of a bucket is in the end. */
  whole(bucket: number): FloatArray {
    return this.#memories[0][bucket].all;
  }

  /** Notes that a parameter has a gradient from now on. */
  note(index: number): void {
    this.#has[index] = true;
  }

  /** Gives parameters their sums, but for those of which `isOurs` says no. */
  finish(isOurs: (slot: Slot) => boolean): void {
    this.eachSlot((slot, part) => {
      if (!this.#has[slot.index] || !isOurs(slot)) {
        withdrawGradient(slot.tensor);
        return;
      }
      placeGradient(slot.tensor, part);
      fillPlaced(slot.tensor);
    });
  }

  /** Gives all parameters that have had a gradient one of zeros. */
  clear(): void {
    this.eachSlot(({ tensor, index }, part) => {
      if (this.#has[index]) placeGradient(tensor, part);
    });
  }

  /** Calls `fn` with every parameter, and with its part of the first place. */
  eachSlot(fn: (slot: Slot, part: FloatArray, bucket: number) => void): void {
    for (const [b, { slots }] of this.buckets.entries()) {
      for (const [s, slot] of slots.entries()) fn(slot, this.#memories[0][b].parts[s], b);
    }
  }

  #memoryAt(place: number): readonly BucketMemory[] {
    this.#memories[place] ??= this.buckets.map(memoryOf);
    return this.#memories[place];
  }
}
