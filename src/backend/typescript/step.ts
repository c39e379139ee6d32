import { lengthOf } from '../../core/float-arrays.js';
import type { FloatArray } from '../../core/types.js';
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

interface Tensor {
  readonly rule: Rule;
  readonly scalars: Float64Array;
  readonly operands: readonly FloatArray[];
  readonly dots: Float64Array | null;
  readonly firstDot: number;
}

/**
 * One optimizer step: every batch, in order. Lists are read, then all that was found is checked, then anything is written: a
 * learning rate may be a function that takes memory away. Mirror: native/step.cc.
 * @throws RangeError where an array does not have the length of the parameter; nothing has then changed.
 */
export function step(batches: readonly Batch[]): void {
  const tensors: Tensor[] = [];
  for (const batch of batches) collectTensors(batch, tensors);
  for (const tensor of tensors) checkTensor(tensor);
  for (const tensor of tensors) stepTensor(tensor);
}

function collectTensors({ rule: name, scalars, operands, dots }: Batch, tensors: Tensor[]): void {
  const rule = rules[name];
  const perTensor = rule.operands.length;
  let firstDot = 0;
  for (let at = 0; at < operands.length; at += perTensor) {
    const own = operands.slice(at, at + perTensor);
    tensors.push({ rule, scalars, operands: own, dots, firstDot });
    firstDot += rule.dots * Math.ceil(lengthOf(own[0]) / REDUCTION_CHUNK);
  }
}

function checkTensor({ rule, operands, dots, firstDot }: Tensor): void {
  const length = lengthOf(operands[0]);
  for (let k = 0; k < operands.length; k++) {
    const operand = operands[k];
    if (lengthOf(operand) !== length || operand.length !== length) {
      throw new RangeError(
        `step: operand ${rule.operands[k]} must have the ${length} elements of the parameter, got ${lengthOf(operand)}`,
      );
    }
  }
  const least = firstDot + rule.dots * Math.ceil(length / REDUCTION_CHUNK);
  if (rule.dots > 0 && (dots?.length ?? 0) < least) {
    throw new RangeError(`step: dots must hold at least ${least} numbers, got ${dots?.length ?? 0}`);
  }
}

const NO_SUMS = new Float64Array(0);

function stepTensor({ rule, scalars, operands, dots, firstDot }: Tensor): void {
  const { length } = operands[0];
  if (rule.dots === 0 || dots === null) {
    rule.update(scalars, operands, 0, length, NO_SUMS);
    return;
  }
  let next = firstDot;
  for (let begin = 0; begin < length; begin += REDUCTION_CHUNK) {
    const sums = new Float64Array(rule.dots * REDUCTION_LANES);
    rule.update(scalars, operands, begin, Math.min(length, begin + REDUCTION_CHUNK), sums);
    for (let d = 0; d < rule.dots; d++) {
      dots[next++] = foldLanes(sums.subarray(d * REDUCTION_LANES, (d + 1) * REDUCTION_LANES));
    }
  }
}
