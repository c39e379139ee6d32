import type { FloatArray } from '../../../core/types.js';

/**
 * Updates elements [begin, end) of a tensor's operands, which RULES of the contract names, as it does the scalars. `sums` has
 * 64 lanes for each dot product.
 *
 * The same statements in the same order with the same letters as its C++ twin in native/rules, so that both give the same
 * bits. Every operation is rounded to the element type. The scalars of a rule are computed once per step, in double; rules hold
 * no step counter, no `pow` and no options.
 */
export type Update = (
  scalars: Float64Array,
  operands: readonly FloatArray[],
  begin: number,
  end: number,
  sums: Float64Array,
) => void;

export type Round = (x: number) => number;

/**
 * Rounds to the element type of `array`. One closure over a flag, not two functions: V8 inlines the former where
 * both element types meet, and calls the latter.
 */
export function rounding(array: FloatArray): Round {
  const single = array instanceof Float32Array;
  return (x) => (single ? Math.fround(x) : x);
}
