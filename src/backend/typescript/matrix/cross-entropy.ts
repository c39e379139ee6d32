import type { FloatArray } from '../../../core/types.js';
import type { CrossEntropy } from '../../contract/arguments.js';
import { laneDeviationSum, laneSum } from '../reduce.js';

// Softmax and cross-entropy in one. Mirror: native/matrix/cross-entropy.h.
// The two agree to 8 units in the last place of the largest element of each output.

function largest(x: FloatArray, start: number, length: number): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let i = start; i < start + length; i++) if (x[i] > best) best = x[i];
  return best;
}

/**
 * losses[r] = log(sum of exp(logits[r])) - logits[r][labels[r]], and its gradient by the logits,
 * gradient[r] = softmax(logits[r]) - onehot(labels[r]). The row's largest logit is subtracted first, so nothing
 * overflows. Labels are in [0, columns), or -1: that row's loss and gradient are 0.
 *
 * The label's weight is 1 - smoothing + smoothing / columns, that of the others smoothing / columns: Szegedy et al. 2016,
 * section 7, https://arxiv.org/abs/1512.00567.
 */
export const crossEntropy: CrossEntropy = (rows, columns, smoothing, logits, labels, losses, gradient) => {
  for (let r = 0; r < rows; r++) {
    const start = r * columns;
    const end = start + columns;
    const label = labels[r];
    if (label < 0) {
      losses[r] = 0;
      gradient.fill(0, start, end);
      continue;
    }
    const top = largest(logits, start, columns);
    for (let i = start; i < end; i++) gradient[i] = Math.exp(logits[i] - top);
    const total = laneSum(gradient, start, columns);
    for (let i = start; i < end; i++) gradient[i] /= total;
    let loss = Math.log(total) - (1 - smoothing) * (logits[start + label] - top);
    if (smoothing > 0) {
      const even = smoothing / columns;
      loss -= even * laneDeviationSum(logits, start, columns, top);
      for (let i = start; i < end; i++) gradient[i] -= even;
    }
    losses[r] = loss;
    gradient[start + label] -= 1 - smoothing;
  }
};
