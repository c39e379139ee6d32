import { lengthOf } from '../core/float-arrays.js';
import type { ElementArray } from '../core/types.js';
import { show } from '../core/validate.js';
import type { Communicator } from './communicator.js';
import type { LeafPlan } from './leaf-plan.js';

/** Whether a plan is one of these ranks, with a piece for each node of this one, as long as the sum. */
export function checkPieces(
  { rank, size }: Communicator,
  plan: LeafPlan,
  pieces: readonly ElementArray[],
  whole: ElementArray,
): void {
  const { length } = plan.nodes(rank);
  if (plan.ranks !== size || pieces.length !== length) {
    throw new RangeError(
      `a plan of ${size} ranks and ${length} pieces of this one are needed, got ${plan.ranks} and ${pieces.length}`,
    );
  }
  for (const piece of pieces) {
    if (piece.constructor === whole.constructor && lengthOf(piece) === lengthOf(whole)) continue;
    throw new RangeError(`pieces must be as their sum, which is ${show(whole)}, got ${show(piece)}`);
  }
}

/** Whether a partition gives each of the ranks a part of an array. */
export function checkPartition(
  { size }: Communicator,
  partition: readonly number[],
  whole: ElementArray,
): void {
  const isRising = partition.every(
    (start, i) => Number.isInteger(start) && start >= (i === 0 ? 0 : (partition[i - 1] ?? 0)),
  );
  const length = lengthOf(whole);
  if (isRising && partition.length === size + 1 && partition[0] === 0 && partition[size] === length) return;
  throw new RangeError(
    `partition must rise from 0 to ${length} in ${size + 1} numbers, got ${show(partition)}`,
  );
}
