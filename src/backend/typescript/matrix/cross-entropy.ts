import type { FloatArray } from '../../../types.js';
import { laneSum } from '../reduce.js';

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
 * overflows. Labels are in [0, columns).
 */
export function crossEntropy(
  rows: number,
  columns: number,
  logits: FloatArray,
  labels: Int32Array,
  losses: FloatArray,
  gradient: FloatArray,
): void {
  for (let r = 0; r < rows; r++) {
    const start = r * columns;
    const end = start + columns;
    const top = largest(logits, start, columns);
    for (let i = start; i < end; i++) gradient[i] = Math.exp(logits[i] - top);
    const total = laneSum(gradient, start, columns);
    for (let i = start; i < end; i++) gradient[i] /= total;
    const label = labels[r];
    losses[r] = Math.log(total) - (logits[start + label] - top);
    gradient[start + label] -= 1;
  }
}
