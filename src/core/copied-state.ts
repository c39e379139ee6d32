import type { FloatArray } from './types.js';

/** How the arrays of a state are copied. */
export type Copying = (array: FloatArray) => FloatArray;

/**
 * The key of what gives a state as `stateDict()` does, of arrays that are copied another way: whoever asks may use their memory again.
 * Null where a class of the user's gives another state.
 */
export const copiedState: unique symbol = Symbol.for('lockstep.copiedState');

/** What has a state, and may have it copied. */
export interface Copied<State> {
  stateDict(): State;
  [copiedState]?(copy: Copying): State | null;
}

/** The state of a part, whose arrays are copied that way where the part knows how. */
export function stateCopied<State>(part: Copied<State>, copy: Copying): State {
  return part[copiedState]?.(copy) ?? part.stateDict();
}
