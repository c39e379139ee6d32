import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkAtLeast, checkInteger } from '../../core/validate.js';
import { type Tensor, tensorOf, variableOf } from '../engine/tensor.js';
import * as operations from '../operations/losses.js';
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
  const variable = variableOf('logits', logits);
  checkOptions('crossEntropy', options, OPTIONS);
  const { labelSmoothing = 0, ignoreIndex } = options;
  checkAtLeast('labelSmoothing', labelSmoothing, 0);
  if (labelSmoothing > 1) throw new RangeError(`labelSmoothing must be in [0, 1], got ${labelSmoothing}`);
  if (ignoreIndex !== undefined) checkInteger('ignoreIndex', ignoreIndex, Number.MIN_SAFE_INTEGER);
  return tensorOf(
    operations.crossEntropy(variable, checkLabels(labels, variable, ignoreIndex), labelSmoothing),
  );
}

/** The mean squared error, the mean of (prediction - target)^2 over all elements: a tensor of shape []. */
export function mse(prediction: Tensor, target: Tensor): Tensor {
  return tensorOf(operations.mse(variableOf('prediction', prediction), variableOf('target', target)));
}
