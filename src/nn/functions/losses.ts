import { kernels } from '../../backend/stream.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkAtLeast, checkInteger } from '../../core/validate.js';
import { give, numberIn, record, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, checkTensor, type Tensor } from '../engine/tensor.js';
import { checkSameShape } from './check.js';
import { checkLabels, type Labels } from './labels.js';

export interface CrossEntropyOptions {
  /** Takes this much off the weight of the label and gives it to all classes alike, in [0, 1]. Default 0. */
  readonly labelSmoothing?: number;
  /** Rows with this label do not count. Default: all rows count. */
  readonly ignoreIndex?: number;
}

const OPTIONS: OptionNames<CrossEntropyOptions> = { labelSmoothing: true, ignoreIndex: true };

/**
 * The cross-entropy of softmax(logits) and the labels, the mean over the rows: a tensor of shape [].
 *
 * Stable for logits of any size.
 *
 * @param logits [rows, classes], as they come out of a linear layer.
 * @param labels the class of each row.
 */
export function crossEntropy(logits: Tensor, labels: Labels, options: CrossEntropyOptions = {}): Tensor {
  checkTensor('logits', logits);
  checkOptions('crossEntropy', options, OPTIONS);
  const { labelSmoothing = 0, ignoreIndex } = options;
  checkAtLeast('labelSmoothing', labelSmoothing, 0);
  if (labelSmoothing > 1) throw new RangeError(`labelSmoothing must be in [0, 1], got ${labelSmoothing}`);
  if (ignoreIndex !== undefined) checkInteger('ignoreIndex', ignoreIndex, Number.MIN_SAFE_INTEGER);
  const classes = checkLabels(labels, logits, ignoreIndex);

  const rows = classes.length;
  const counted = classes.reduce((count, label) => (label < 0 ? count : count + 1), 0);
  const [losses, slopes, out] = [takeLike(logits, rows), takeLike(logits), takeLike(logits, 1)];
  kernels().crossEntropy(rows, logits.size / rows, labelSmoothing, arrayOf(logits), classes, losses, slopes);
  kernels().sum(1, rows, 1, 1 / counted, losses, out);
  pool.release(losses);
  return record({ name: 'crossEntropy', shape: [], out, inputs: [logits], saved: [slopes] }, (gradient) => {
    const dLogits = takeLike(logits);
    kernels().mulScalar(logits.size, numberIn(gradient) / counted, slopes, dLogits);
    pool.release(gradient);
    give(logits, dLogits);
  });
}

/** The mean squared error, the mean of (prediction - target)^2 over all elements: a tensor of shape []. */
export function mse(prediction: Tensor, target: Tensor): Tensor {
  checkTensor('prediction', prediction);
  checkSameShape('target', target, prediction);
  const { size } = prediction;
  const out = takeLike(prediction, 1);
  kernels().squaredDistance(size, 1 / size, arrayOf(prediction), arrayOf(target), out);
  const inputs = [prediction, target];
  return record({ name: 'mse', shape: [], out, inputs, reads: inputs }, (gradient) => {
    const slope = (2 * numberIn(gradient)) / size;
    pool.release(gradient);
    const difference = takeLike(prediction);
    kernels().sub(0, 1, 1, size, arrayOf(prediction), arrayOf(target), difference);
    if (target.requiresGrad) {
      const dTarget = takeLike(target);
      kernels().mulScalar(size, -slope, difference, dTarget);
      give(target, dTarget);
    }
    kernels().mulScalar(size, slope, difference, difference);
    give(prediction, difference);
  });
}
