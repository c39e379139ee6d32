import type { FloatArray } from '../../types.js';
import { foldLanes, REDUCTION_CHUNK, REDUCTION_LANES } from './reduce.js';
import * as rules from './rules/index.js';
import type { Rule } from './rules/rule.js';

export type RuleName = keyof typeof rules;

/** The same rule for any number of tensors with the same scalars. */
export interface Batch {
  readonly rule: RuleName;
  /** In the order of the rule's `scalars`. */
  readonly scalars: Float64Array;
  /** The operands of every tensor one after the other. */
  readonly operands: readonly FloatArray[];
  /** Receives the rule's dot products for every reduction chunk of every tensor; see {@link dotCount}. */
  readonly dots: Float64Array | null;
}

/** How many numbers `dots` holds for tensors of these lengths. */
export function dotCount(rule: RuleName, lengths: Iterable<number>): number {
  let chunks = 0;
  for (const length of lengths) chunks += Math.ceil(length / REDUCTION_CHUNK);
  return chunks * rules[rule].dots;
}

/** One optimizer step: every batch, in order. Mirror: native/step.cc. */
export function step(batches: readonly Batch[]): void {
  for (const { rule: name, scalars, operands, dots } of batches) {
    const rule = rules[name];
    const perTensor = rule.operands.length;
    let firstDot = 0;
    for (let at = 0; at < operands.length; at += perTensor) {
      firstDot = stepTensor(rule, scalars, operands.slice(at, at + perTensor), dots, firstDot);
    }
  }
}

const NO_SUMS = new Float64Array(0);

/** Returns where the dot products of the next tensor go. */
function stepTensor(
  rule: Rule,
  scalars: Float64Array,
  operands: readonly FloatArray[],
  dots: Float64Array | null,
  firstDot: number,
): number {
  const { length } = operands[0];
  if (rule.dots === 0 || dots === null) {
    rule.update(scalars, operands, 0, length, NO_SUMS);
    return firstDot;
  }
  let next = firstDot;
  for (let begin = 0; begin < length; begin += REDUCTION_CHUNK) {
    const sums = new Float64Array(rule.dots * REDUCTION_LANES);
    rule.update(scalars, operands, begin, Math.min(length, begin + REDUCTION_CHUNK), sums);
    for (let d = 0; d < rule.dots; d++) {
      dots[next++] = foldLanes(sums.subarray(d * REDUCTION_LANES, (d + 1) * REDUCTION_LANES));
    }
  }
  return next;
}
