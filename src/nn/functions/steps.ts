import { copy } from '../../backend/stream.js';
import { dtypeOf } from '../../core/dtypes.js';
import { subarray } from '../../core/float-arrays.js';
import type { FloatArray } from '../../core/types.js';
import { pool } from '../engine/pool.js';

// Sequences side by side, step after step: an array of them has the rows of all steps.

/** A step of sequences side by side: some rows of an array of the rows of all steps. */
export interface Step {
  readonly begin: number;
  readonly rows: number;
  /** The one that comes before it in time, as its direction has it: null for the first. */
  readonly previous: Step | null;
}

/** The steps of sequences that are there longest first, so that those of a step are the first ones. */
export interface Steps {
  /** How many sequences there are. */
  readonly batch: number;
  /** How many rows all steps have. */
  readonly rows: number;
  /** In the order of their direction. */
  readonly list: readonly Step[];
  /** The row of each sequence's last step in that order. */
  readonly last: Int32Array;
}

/** @param batchSizes how many sequences each step has: none more than the one before. */
export function stepsOf(batchSizes: Int32Array, isReverse: boolean): Steps {
  const begins = new Int32Array(batchSizes.length);
  for (let t = 1; t < begins.length; t++) begins[t] = begins[t - 1] + batchSizes[t - 1];
  const [batch] = batchSizes;
  const end = batchSizes.length - 1;
  const list: Step[] = [];
  const last = new Int32Array(batch);
  for (let k = 0; k <= end; k++) {
    const t = isReverse ? end - k : k;
    const step = { begin: begins[t], rows: batchSizes[t], previous: list.at(-1) ?? null };
    list.push(step);
    for (let i = 0; i < step.rows; i++) last[i] = step.begin + i;
  }
  return { batch, rows: begins[end] + batchSizes[end], list, last };
}

/** The rows of a step. */
export function rowsOf(array: FloatArray, { begin, rows }: Step, width: number): FloatArray {
  return subarray(array, begin * width, (begin + rows) * width);
}

/**
 * The states before a step: those of the step before it, and the initial ones of sequences that begin with it.
 * @param scratch gets what arrays of the pool this takes.
 */
export function beforeOf(
  { rows, previous }: Step,
  states: FloatArray,
  initial: FloatArray,
  width: number,
  scratch: FloatArray[],
): FloatArray {
  if (previous === null) return subarray(initial, 0, rows * width);
  const known = Math.min(rows, previous.rows) * width;
  const there = subarray(states, previous.begin * width, previous.begin * width + known);
  if (known === rows * width) return there;
  const both = pool.take(dtypeOf(states), rows * width);
  scratch.push(both);
  copy(there, subarray(both, 0, known));
  copy(subarray(initial, known, rows * width), subarray(both, known));
  return both;
}

/** The states before all steps, in an array of the pool. */
export function statesBefore(
  { list, rows }: Steps,
  states: FloatArray,
  initial: FloatArray,
  width: number,
): FloatArray {
  const all = pool.take(dtypeOf(states), rows * width);
  const scratch: FloatArray[] = [];
  for (const step of list) {
    copy(beforeOf(step, states, initial, width, scratch), rowsOf(all, step, width));
    releaseAll(scratch);
  }
  return all;
}

export function releaseAll(arrays: FloatArray[]): void {
  for (const array of arrays) pool.release(array);
  arrays.length = 0;
}
