import type { DType } from './dtypes.js';
import type { FloatArray } from './types.js';

/** Where the arrays of a state come from that is given away. */
export interface Copying {
  copy(array: FloatArray): FloatArray;
  /** An array of anything, for numbers that are not kept as such. */
  take(dtype: 'float32', length: number): Float32Array;
  take(dtype: DType, length: number): FloatArray;
}

/**
 * The key of what gives a state as `stateDict()` does, of arrays that are copied another way: whoever asks may use their memory again.
 * Null where a class of the user's gives another state.
 */
export const copiedState: unique symbol = Symbol.for('lockstep.copiedState');

/** What has a state, and may have it copied. */
export interface Copied<State> {
  stateDict(): State;
  [copiedState]?(copying: Copying): State | null;
}

/** The state of a part, whose arrays are copied that way where the part knows how. */
export function stateCopied<State>(part: Copied<State>, copying: Copying): State {
  return part[copiedState]?.(copying) ?? part.stateDict();
}
