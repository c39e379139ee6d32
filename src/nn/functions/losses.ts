import { fill, kernels, settledArray } from '../../backend/stream.js';
import { dtypeOf, isFloatType } from '../../core/dtypes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { showShape } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { checkInteger, checkProbability, MAX_INT32 } from '../../core/validate.js';
import { compose, contribute, record, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, checkTensor, Tensor } from '../engine/tensor.js';
import { where } from './arithmetic.js';
import { checkSameShape } from './check.js';
import { addNumber, binary, mulNumber } from './elementwise.js';
import { checkLabels, type Labels } from './labels.js';
import {
  checkReduction,
  checkWeight,
  type LossOptions,
  mulRows,
  recordLosses,
  reduceLosses,
} from './loss.js';
import { select } from './operands.js';
import { sum } from './reductions.js';
import { logSoftmax } from './softmax.js';
import { neg } from './unary.js';

// Losses of rows that are each of one class, or of several to some degree.

/** See {@link nll}. */
export interface NllOptions extends LossOptions {
  /** What each class counts, [classes]: a constant. Default: all count 1. */
  readonly weight?: Tensor;
  /** Rows with this label do not count. Default: all rows count. */
  readonly ignoreIndex?: number;
}

/** See {@link crossEntropy}. */
export interface CrossEntropyOptions extends NllOptions {
  /** Takes this much off the weight of the label and gives it to all classes alike, in [0, 1]. Default 0. */
  readonly labelSmoothing?: number;
}

const NLL_OPTIONS: OptionNames<NllOptions> = { reduction: true, weight: true, ignoreIndex: true };
const OPTIONS: OptionNames<CrossEntropyOptions> = { ...NLL_OPTIONS, labelSmoothing: true };

function checkNll(rows: Tensor, { reduction = 'mean', weight, ignoreIndex }: NllOptions): void {
  checkReduction(reduction);
  if (ignoreIndex !== undefined) checkInteger('ignoreIndex', ignoreIndex, Number.MIN_SAFE_INTEGER);
  if (weight === undefined) return;
  const shape = rows.shape.slice(-1);
  checkSameShape('weight', weight, rows, shape);
  checkWeight('weight', weight, rows, shape);
}

/** How much each row counts, an array of the pool, and all of them together: none where the label is -1. */
function weigh(like: Tensor, classes: Int32Array, weight: Tensor | undefined) {
  const weights = settledArray(takeLike(like, classes.length));
  const table = weight === undefined ? undefined : settledArray(arrayOf(weight));
  let total = 0;
  // A loop takes a tenth of what an iterator does.
  for (let r = 0; r < classes.length; r++) {
    const label = classes[r];
    weights[r] = label < 0 ? 0 : table === undefined ? 1 : table[label];
    total += weights[r];
  }
  return { weights, total };
}

function countOf(classes: Int32Array): number {
  let count = 0;
  for (let r = 0; r < classes.length; r++) if (classes[r] >= 0) count++;
  return count;
}

/**
 * The cross-entropy of softmax(logits) and the labels of each row. The mean divides by the rows that count, each as much as
 * its class does: a weighted mean.
 *
 * Stable for logits of any size.
 *
 * @param logits [rows, classes], as they come out of a linear layer.
 * @param target the class of each row; or a tensor of floats [rows, classes] of the probabilities of each, through which gradients flow,
 * with a mean over all rows and without `ignoreIndex`.
 */
export function crossEntropy(
  logits: Tensor,
  target: Labels | Tensor,
  options: CrossEntropyOptions = {},
): Tensor {
  checkTensor('logits', logits);
  checkOptions('crossEntropy', options, OPTIONS);
  const { labelSmoothing = 0, ignoreIndex, weight, reduction = 'mean' } = options;
  checkProbability(labelSmoothing, 'labelSmoothing');
  checkNll(logits, options);
  if (target instanceof Tensor && isFloatType(target.dtype)) return ofProbabilities(logits, target, options);
  const classes = checkLabels(target, logits, ignoreIndex);
  if (weight !== undefined && labelSmoothing > 0) return smoothed(logits, classes, weight, options);

  const rows = classes.length;
  const [losses, array] = [takeLike(logits, rows), takeLike(logits)];
  kernels().crossEntropy(rows, logits.size / rows, labelSmoothing, arrayOf(logits), classes, losses, array);
  let total = 0;
  if (weight === undefined) total = countOf(classes);
  else {
    const weighed = weigh(logits, classes, weight);
    kernels().mul(0, 1, 1, rows, losses, weighed.weights, losses);
    mulRows(1, weighed.weights, array, array);
    pool.release(weighed.weights);
    total = weighed.total;
  }
  const slopes = [{ to: logits, array }];
  return recordLosses({
    name: 'crossEntropy',
    inputs: [logits],
    shape: [rows],
    losses,
    slopes,
    reduction,
    total,
  });
}

/** The losses of rows with these weights of the classes in each. */
function weighted(logits: Tensor, weights: Tensor): Tensor {
  return neg(sum(binary('mul', [logSoftmax(logits), weights]), { axes: -1 }));
}

function ofProbabilities(logits: Tensor, target: Tensor, options: CrossEntropyOptions): Tensor {
  const { labelSmoothing = 0, ignoreIndex, weight, reduction = 'mean' } = options;
  if (logits.shape.length !== 2) {
    throw new RangeError(`logits must have shape [rows, classes], got ${showShape(logits.shape)}`);
  }
  checkSameShape('target', target, logits);
  if (ignoreIndex !== undefined) throw new TypeError('ignoreIndex must not be given with probabilities');
  const [, classes] = logits.shape;
  return compose([logits, target], ([x, y]) => {
    let shares = y;
    if (labelSmoothing > 0) {
      shares = addNumber(mulNumber(shares, 1 - labelSmoothing), labelSmoothing / classes);
    }
    if (weight !== undefined) shares = binary('mul', [shares, weight]);
    return reduceLosses(weighted(x, shares), reduction);
  });
}

/** Every class takes part in every row, as much as it counts; the mean still divides by what the labels count. */
function smoothed(
  logits: Tensor,
  labels: Int32Array,
  weight: Tensor,
  { labelSmoothing = 0, reduction = 'mean' }: CrossEntropyOptions,
): Tensor {
  const [rows, classes] = logits.shape;
  const even = labelSmoothing / classes;
  return compose([logits], ([x]) => {
    const shares = takeLike(x);
    kernels().oneHot(rows, classes, 1 - labelSmoothing + even, even, labels, shares);
    const losses = weighted(x, binary('mul', [constant(shares, x.shape), weight]));
    const { weights, total } = weigh(x, labels, weight);
    const counted = constant(weights, [rows]);
    return reduceLosses(labels.includes(-1) ? where(counted, losses, 0) : losses, reduction, total);
  });
}

/** A tensor of an array of the pool. */
function constant(out: FloatArray, shape: readonly number[]): Tensor {
  return record({ name: 'constant', shape, out, inputs: [] }, (gradient) => pool.release(gradient));
}

/**
 * The negative logarithm of the probability of each row's label, the cross-entropy of what {@link logSoftmax} has made. The
 * mean divides by the rows that count, each as much as its class does.
 *
 * @param logProbs [rows, classes], the logarithms of probabilities.
 * @param labels the class of each row.
 */
export function nll(logProbs: Tensor, labels: Labels, options: NllOptions = {}): Tensor {
  checkTensor('logProbs', logProbs);
  checkOptions('nll', options, NLL_OPTIONS);
  const { weight, ignoreIndex, reduction = 'mean' } = options;
  checkNll(logProbs, options);
  const classes = checkLabels(labels, logProbs, ignoreIndex, 'logProbs');
  const { weights, total } = weigh(logProbs, classes, weight);
  const picked = pick(logProbs, classes);
  const rows = classes.length;
  const losses = takeLike(logProbs, rows);
  kernels().mulScalar(rows, -1, weights, weights);
  kernels().mul(0, 1, 1, rows, arrayOf(picked), weights, losses);
  // What does not count may be -Infinity, of which 0 times is NaN.
  if (classes.includes(-1)) clearWhereZero(weights, losses);
  const slopes = [{ to: picked, array: weights }];
  return recordLosses({ name: 'nll', inputs: [picked], shape: [rows], losses, slopes, reduction, total });
}

function clearWhereZero(weights: FloatArray, losses: FloatArray): void {
  const none = pool.take(dtypeOf(losses), 1);
  const shape = [losses.length];
  const zero = { array: fill(none, 0), shape: [1] };
  select([{ array: weights, shape }, { array: losses, shape }, zero], shape, losses);
  pool.release(none);
}

/** The element of each row at its label; where that is -1, any. */
function pick(x: Tensor, labels: Int32Array): Tensor {
  const rows = labels.length;
  const { size } = x;
  if (size > MAX_INT32) throw new RangeError(`logProbs must have at most ${MAX_INT32} elements, got ${size}`);
  const columns = size / rows;
  const places = new Int32Array(rows);
  for (let r = 0; r < rows; r++) places[r] = r * columns + Math.max(labels[r], 0);
  const out = takeLike(x, rows);
  kernels().gatherRows(rows, 1, size, arrayOf(x), places, out);
  return record({ name: 'pick', shape: [rows], out, inputs: [x] }, (gradient) => {
    contribute(x, (into, accumulate) => {
      if (!accumulate) fill(into, 0);
      kernels().scatterAddRows(1, rows, size, gradient, places, into);
    });
    pool.release(gradient);
  });
}
