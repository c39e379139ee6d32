import { lengthOf } from '../../core/float-arrays.js';
import type { FloatArray } from '../../core/types.js';
import { foldLanes, REDUCTION_CHUNK, REDUCTION_LANES } from '../contract/reduction-order.js';
import {
  type Batch,
  CLIP_SCALARS,
  type Clip,
  RULES,
  type RuleName,
  type RuleSignature,
} from '../contract/rules.js';
import { isPacked, type Operand, packedLength } from '../contract/storage.js';
import { pack, unpack } from './packed.js';
import * as updates from './rules/index.js';
import { rounding } from './rules/rule.js';

interface Tensor {
  readonly name: RuleName;
  readonly rule: RuleSignature;
  readonly scalars: Float64Array;
  readonly operands: readonly Operand[];
  readonly dots: Float64Array | null;
  readonly firstDot: number;
}

/**
 * One optimizer step: every batch, in order. Lists are read, then all that was found is checked, then anything is written: a
 * learning rate may be a function that takes memory away. Keeps none. Mirror: native/step-plan.h.
 * @throws RangeError where an array does not have the length of the parameter; nothing has then changed.
 */
export function step(batches: readonly Batch[]): undefined {
  const tensors: Tensor[] = [];
  for (const batch of batches) collectTensors(batch, tensors);
  for (const tensor of tensors) checkTensor(tensor);
  for (const tensor of tensors) stepTensor(tensor);
}

function collectTensors({ rule: name, scalars, operands, dots }: Batch, tensors: Tensor[]): void {
  const rule: RuleSignature = RULES[name];
  const perTensor = rule.operands.length;
  let firstDot = 0;
  for (let at = 0; at < operands.length; at += perTensor) {
    const own = operands.slice(at, at + perTensor);
    tensors.push({ name, rule, scalars, operands: own, dots, firstDot });
    firstDot += rule.dots * Math.ceil(lengthOf(own[0]) / REDUCTION_CHUNK);
  }
}

function checkTensor({ rule, scalars, operands, dots, firstDot }: Tensor): void {
  const length = lengthOf(operands[0]);
  for (let k = 0; k < operands.length; k++) {
    const operand = operands[k];
    const wanted = isPacked(operand) ? packedLength(operand, length) : length;
    if (lengthOf(operand) !== wanted || operand.length !== wanted) {
      throw new RangeError(
        `step: operand ${rule.operands[k]} must have ${wanted} elements, as the parameter has ${length}, got ${lengthOf(operand)}`,
      );
    }
    if (!isPacked(operand)) continue;
    if (k < 2 || !(operands[0] instanceof Float32Array)) {
      throw new TypeError(`step: operand ${rule.operands[k]} must be a Float32Array or a Float64Array`);
    }
    if (rule.dots > 0 || scalars.length <= rule.scalars.length + CLIP_SCALARS) {
      throw new RangeError(
        'step: packed operands need a key behind the scalars, and a rule without dot products',
      );
    }
  }
  const least = firstDot + rule.dots * Math.ceil(length / REDUCTION_CHUNK);
  if (rule.dots > 0 && (dots?.length ?? 0) < least) {
    throw new RangeError(`step: dots must hold at least ${least} numbers, got ${dots?.length ?? 0}`);
  }
}

const NO_SUMS = new Float64Array(0);

function stepTensor({ name, rule, scalars: all, operands, dots, firstDot }: Tensor): void {
  const own = rule.scalars.length;
  const scalars = all.subarray(0, own);
  const { length } = operands[0];
  const update = updates[name];
  const numbers = clipped(
    operands.map((operand) => (isPacked(operand) ? unpack(operand, new Float32Array(length)) : operand)),
    { scale: all[own], limit: all[own + 1] },
  );
  if (rule.dots === 0 || dots === null) {
    update(scalars, numbers, 0, length, NO_SUMS);
    repack(operands, numbers, all[own + CLIP_SCALARS]);
    return;
  }
  let next = firstDot;
  for (let begin = 0; begin < length; begin += REDUCTION_CHUNK) {
    const sums = new Float64Array(rule.dots * REDUCTION_LANES);
    update(scalars, numbers, begin, Math.min(length, begin + REDUCTION_CHUNK), sums);
    for (let d = 0; d < rule.dots; d++) {
      dots[next++] = foldLanes(sums.subarray(d * REDUCTION_LANES, (d + 1) * REDUCTION_LANES));
    }
  }
}

/** The operands with the second one clipped, in memory that is used again, where that changes anything. */
function clipped(operands: readonly FloatArray[], { scale, limit }: Clip): readonly FloatArray[] {
  if (operands.length < 2 || (scale === 1 && limit === Number.POSITIVE_INFINITY)) return operands;
  const [first, gradient, ...states] = operands;
  const clippedOnes = scratchLike(gradient);
  const round = rounding(gradient);
  const [factor, most] = [round(scale), round(limit)];
  for (let i = 0; i < gradient.length; i++) {
    const scaled = round(factor * gradient[i]);
    clippedOnes[i] = scaled > most ? most : scaled < -most ? -most : scaled;
  }
  return [first, clippedOnes, ...states];
}

/** For gradients of one tensor after the other; as long as the longest of them. */
const scratch = { float32: new Float32Array(0), float64: new Float64Array(0) };

function scratchLike({ length, BYTES_PER_ELEMENT }: FloatArray): FloatArray {
  const dtype = BYTES_PER_ELEMENT === 4 ? 'float32' : 'float64';
  if (scratch[dtype].length < length) {
    if (dtype === 'float32') scratch.float32 = new Float32Array(length);
    else scratch.float64 = new Float64Array(length);
  }
  return scratch[dtype];
}

/** Stores what was stepped in float32 where it is packed. */
function repack(operands: readonly Operand[], numbers: readonly FloatArray[], key: number): void {
  let state = 0;
  for (const [k, operand] of operands.entries()) {
    const stepped = numbers[k];
    if (isPacked(operand) && stepped instanceof Float32Array) pack(stepped, operand, key, state++);
  }
}
