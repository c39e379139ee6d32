import type { ElementArray } from '../core/types.js';
import type { Communicator } from './communicator.js';

/** What a rank has sent to others and received from them, in messages of MPI. */
export interface Traffic {
  readonly sentBytes: number;
  readonly sentMessages: number;
  readonly receivedBytes: number;
  readonly receivedMessages: number;
}

export const NO_TRAFFIC: Traffic = { sentBytes: 0, sentMessages: 0, receivedBytes: 0, receivedMessages: 0 };

/** How elements of ranks become one. */
export const REDUCTIONS = ['sum', 'min', 'max'] as const;
export type Reduction = (typeof REDUCTIONS)[number];

/** All processes of one launch, for what the public functions take: any element type, and other things than sums. */
export interface World extends Communicator {
  /** Counts the ranks on this machine that come before this one. */
  readonly localRank: number;
  /**
   * The elements of all ranks' arrays as one, along the tree over ranks, in the array itself.
   * @param partition where it is given, this rank gets its own part alone, and the others are scratch afterwards.
   */
  reduce<A extends ElementArray>(
    array: A,
    reduction: Reduction,
    label: string,
    partition?: readonly number[],
  ): Promise<A>;
  gatherParts(whole: ElementArray, partition: readonly number[], label: string): Promise<void>;
  broadcast(array: ElementArray, root: number, label: string): Promise<void>;
  readonly traffic: Traffic;
  /** Waits for all ranks, and leaves them. */
  close(): Promise<void>;
}

/** This process among all: 0 before `init()`, and on its own. */
export let rank = 0;
/** The number of processes: 1 before `init()`, and without a launcher. */
export let size = 1;
/** This process among those of its machine. */
export let localRank = 0;

let state: 'new' | 'opening' | 'open' | 'closed' = 'new';
let current: World | null = null;

/** @throws Error unless `init()` has come and `close()` was not called. */
export function world(): World {
  if (current !== null) return current;
  throw new Error(
    state === 'closed'
      ? 'lockstep/distributed: close() was called, after which ranks cannot communicate any more'
      : 'lockstep/distributed: `await init()` must have come before ranks can communicate',
  );
}

/** Makes what `open` gives the process's world: once in its life, as MPI can be started once. */
export async function enter(open: () => Promise<World>): Promise<void> {
  if (state !== 'new') {
    throw new Error('lockstep/distributed: init() was called before, and a process can join one world only');
  }
  state = 'opening';
  try {
    current = await open();
  } catch (error) {
    state = 'new';
    throw error;
  }
  state = 'open';
  ({ rank, size, localRank } = current);
}

/** Ends it. Nothing, where it was ended before or never was. */
export async function leave(): Promise<void> {
  if (current === null) return;
  const left = current;
  current = null;
  state = 'closed';
  await left.close();
}
