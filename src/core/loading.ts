import type { FloatArray } from './types.js';

/** Loading a state, which was checked and has changed nothing yet. */
export interface Loading {
  /** Does what may still fail, and has then changed nothing. @returns what takes it back */
  attempt(): () => void;
  /** What elements of the state are to be copied where. */
  readonly copies: readonly ElementCopy[];
  /** Does the rest, once they are. Cannot fail. */
  finish(): void;
}

export interface ElementCopy {
  readonly from: FloatArray;
  readonly into: FloatArray;
}

/**
 * The key of what checks a state as `loadStateDict` does, but keeps it: nobody else may have it, and it must not share memory with
 * what it is for. Its elements are not looked at before they are copied. Null where a class of the user's loads differently.
 */
export const prepareLoading: unique symbol = Symbol.for('lockstep.prepareLoading');

/** Loads it, for `loadStateDict`. */
export function finishLoading({ attempt, copies, finish }: Loading): void {
  attempt();
  for (const { from, into } of copies) into.set(from);
  finish();
}

/** Of what can no longer fail. */
export const nothingToAttempt = (): (() => void) => () => {};
