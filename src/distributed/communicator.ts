import type { FloatArray, NumberArray } from '../core/types.js';
import type { LeafPlan } from './leaf-plan.js';

/**
 * Processes (ranks) that work on one training. Operations are begun in the same order by all of them, and each may overlap with
 * computing: the arrays are not to be touched until its promise has come. What is meant for one process alone costs nothing there.
 *
 * A partition gives every rank a part of an array: `size + 1` rising indices, the first 0, the last its length. Rank r has the
 * elements from partition[r] to partition[r + 1], which may be none.
 *
 * @param label what is being communicated, for messages about a rank that is late.
 */
export interface Communicator {
  readonly rank: number;
  readonly size: number;
  /**
   * Sums pieces of all ranks along the canonical tree over leaves, into every rank's `whole`.
   * @param pieces of this rank, one for each node of `plan.nodes(rank)`, each as long as `whole`; they are scratch afterwards.
   * @param whole may be pieces[0], and shares memory with no other.
   */
  sum(plan: LeafPlan, pieces: readonly FloatArray[], whole: FloatArray, label: string): Promise<void>;
  /**
   * As `sum`, of which this rank gets its part alone: the elements of `whole` that the partition gives it. The others are scratch
   * afterwards.
   */
  sumParts(
    plan: LeafPlan,
    pieces: readonly FloatArray[],
    whole: FloatArray,
    partition: readonly number[],
    label: string,
  ): Promise<void>;
  /** Every rank has its part of `whole`, and gets the others. */
  gatherParts(whole: NumberArray, partition: readonly number[], label: string): Promise<void>;
  /** Every rank gets what `array` is at rank `root`. */
  broadcast(array: NumberArray, root: number, label: string): Promise<void>;
  /** Comes once all ranks have begun it. */
  barrier(label: string): Promise<void>;
}
