import type { Dataset } from '../../data/index.js';
import { accuracy, crossEntropy, type Module, noGrad, type Tensor, tensor } from '../../nn/index.js';

const ROWS_AT_ONCE = 1000;

/** Judges a network by all rows of a data set. */
export class Evaluator {
  readonly #parts: { x: Tensor; labels: Int32Array; share: number }[] = [];

  constructor({ features, labels, rows, columns }: Dataset) {
    for (let from = 0; from < rows; from += ROWS_AT_ONCE) {
      const to = Math.min(rows, from + ROWS_AT_ONCE);
      const x = tensor(features.subarray(from * columns, to * columns), [to - from, columns]);
      this.#parts.push({ x, labels: labels.subarray(from, to), share: (to - from) / rows });
    }
  }

  /** The mean cross entropy and the share of right answers. */
  evaluate(network: Module): { loss: number; accuracy: number } {
    network.eval();
    const sum = { loss: 0, accuracy: 0 };
    for (const { x, labels, share } of this.#parts) {
      noGrad(() => {
        const logits = network.forward(x);
        sum.loss += share * crossEntropy(logits, labels).item();
        sum.accuracy += share * accuracy(logits, labels);
      });
    }
    network.train();
    return sum;
  }
}

/**
 * After how many steps to evaluate: before the first, after 1, 2, 4 ... while those lie closer than the even spacing, then
 * at about `points` even distances, and after the last.
 */
export function evaluationSteps(steps: number, points = 30): Set<number> {
  const even = Array.from({ length: points }, (_, index) => Math.round(((index + 1) * steps) / points));
  const doubling: number[] = [];
  for (let step = 1; step < steps / points; step *= 2) doubling.push(step);
  return new Set([0, ...doubling, ...even.filter((step) => step > 0)]);
}
