import { checkLabels, type Labels } from './labels.js';
import * as operations from './operations/losses.js';
import { type Tensor, tensorOf, variableOf } from './tensor.js';

/**
 * The cross-entropy of softmax(logits) and the labels, the mean over the rows: a tensor of shape [].
 *
 * Stable for logits of any size.
 *
 * @param logits [rows, classes], as they come out of a linear layer.
 * @param labels the class of each row.
 */
export function crossEntropy(logits: Tensor, labels: Labels): Tensor {
  const variable = variableOf('logits', logits);
  return tensorOf(operations.crossEntropy(variable, checkLabels(labels, variable)));
}

/** The mean squared error, the mean of (prediction - target)^2 over all elements: a tensor of shape []. */
export function mse(prediction: Tensor, target: Tensor): Tensor {
  return tensorOf(operations.mse(variableOf('prediction', prediction), variableOf('target', target)));
}
