// What training on many ranks costs: formulas alone, which `explain.ts` writes out and `npm run check:plan` holds to a simulation.

import { nearRanks, RANKS_OF_TWO_LEVELS } from '../../distributed/levels.js';

/** What joins the ranks. Every rank has a link of its own, which sends and receives at once, to a network that never blocks. */
export interface Network {
  /** Bytes a second, each way. */
  readonly bandwidth: number;
  /** Seconds that a message takes which has no length, both of its ends included. */
  readonly latency: number;
  /** Seconds of it that a rank itself takes to send a message, and another to receive one. */
  readonly overhead: number;
  /** Bytes a second that a rank adds to a sum. */
  readonly fold: number;
}

/** What a rank trains. */
export interface Training {
  /** Of all gradients. */
  readonly bytes: number;
  /** Of the gradients that are exchanged together, at most. */
  readonly bucketBytes: number;
  /** What a rank computes in a step. */
  readonly stepSeconds: number;
  /** The share of a step in which gradients become ready, one bucket after the other, until its end. */
  readonly backwardShare: number;
}

/** A way to bring the sum of what all ranks have to all of them. */
export type Way = 'ring' | 'flat' | 'two-level';

export const WAYS: readonly Way[] = ['ring', 'flat', 'two-level'];

/** The way that the package takes. A ring is never it, for the order of its additions depends on the ranks. */
export function packageWay(ranks: number): Way {
  return ranks < RANKS_OF_TWO_LEVELS || nearRanks(ranks) === 1 ? 'flat' : 'two-level';
}

/** Seconds of the messages with which `ranks` sum `bytes` of each. */
export function messageSeconds(way: Way, ranks: number, bytes: number, network: Network): number {
  if (way === 'ring') return 2 * (ranks - 1) * burst(1, bytes / ranks, network);
  const near = way === 'flat' ? ranks : nearRanks(ranks);
  const far = ranks / near;
  return 2 * (burst(near - 1, bytes / near, network) + burst(far - 1, bytes / ranks, network));
}

/**
 * Seconds of so many messages, and as many received, that are on their way at once. A rank sends while its link is busy with what it sent
 * before; but messages share links and so arrive together, and receiving them hides nothing.
 */
function burst(messages: number, bytes: number, { latency, overhead, bandwidth }: Network): number {
  const transfer = bytes / bandwidth;
  return messages === 0 ? 0 : latency + transfer + (messages - 1) * (Math.max(overhead, transfer) + overhead);
}

/** Seconds of the additions: the same for all ways. */
export function foldSeconds(ranks: number, bytes: number, { fold }: Network): number {
  return (bytes * (1 - 1 / ranks)) / fold;
}

/** What a step takes on so many ranks, and why. */
export interface Estimate {
  readonly way: Way;
  readonly ranks: number;
  /** Of the messages and of the additions of a step, all buckets together. */
  readonly messageSeconds: number;
  readonly foldSeconds: number;
  /** What of both is left when all gradients are there. */
  readonly exposedSeconds: number;
  /** The share of the step in which the rank computes. */
  readonly efficiency: number;
}

export function estimate(way: Way, ranks: number, training: Training, network: Network): Estimate {
  const { bytes, stepSeconds, backwardShare } = training;
  const buckets = bucketsOf(training);
  const messages = buckets * messageSeconds(way, ranks, bytes / buckets, network);
  const folds = buckets * foldSeconds(ranks, bytes / buckets, network);
  const exposed = exposedSeconds((messages + folds) / buckets, buckets, backwardShare * stepSeconds);
  return {
    way,
    ranks,
    messageSeconds: messages,
    foldSeconds: folds,
    exposedSeconds: exposed,
    efficiency: stepSeconds / (stepSeconds + exposed),
  };
}

/** Buckets are taken to be of one size. */
export function bucketsOf({ bytes, bucketBytes }: Training): number {
  return Math.ceil(bytes / bucketBytes);
}

/**
 * What is left of the exchange when the last bucket is ready: they become ready at equal distances until the end of the backward pass, and
 * are exchanged one after the other. Either the exchange never had to wait since the first of them, or the last alone is left.
 */
export function exposedSeconds(bucketSeconds: number, buckets: number, backwardSeconds: number): number {
  const unbroken = buckets * bucketSeconds - backwardSeconds * (1 - 1 / buckets);
  return Math.max(bucketSeconds, unbroken);
}
