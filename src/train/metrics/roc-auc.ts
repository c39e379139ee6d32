import { settledArray } from '../../backend/stream.js';
import { showShape } from '../../core/shapes.js';
import { show } from '../../core/validate.js';
import { arrayOf, checkTensor, elementsOf } from '../../nn/engine/tensor.js';
import { toIntegers, wholeNumbers } from '../../nn/functions/labels.js';
import { Tensor } from '../../nn/index.js';
import { type StatefulMetric, stateful } from './metric.js';

/**
 * A metric: the area under the receiver operating characteristic, the probability that a row of class 1 has a larger score than
 * one of class 0, ties counting half. NaN where all rows are of one class, or a score is NaN.
 *
 * The output is one score for each row, of any scale, or [rows, 2]: logits, whose difference is the score. The target is 0 or 1
 * for each row. Keeps the scores of all rows.
 */
export const rocAuc: StatefulMetric<Int32Array | Tensor> = stateful(() => {
  // By class.
  const scores: [number[], number[]] = [[], []];
  return {
    update(output, target) {
      checkTensor('output', output);
      const values = scoresOf(output);
      const labels =
        target instanceof Tensor
          ? wholeNumbers('target', settledArray(elementsOf(target)), 2)
          : toIntegers('target', target, 2);
      if (labels.length !== values.length) {
        throw new RangeError(
          `target must have ${values.length} classes, one for each row, got ${labels.length}`,
        );
      }
      for (const [r, label] of labels.entries()) scores[label].push(values[r]);
    },
    result: () => area(Float64Array.from(scores[0]), Float64Array.from(scores[1])),
    stateDict: () => scores.map((own) => Float64Array.from(own)),
    loadStateDict(state) {
      const [negative, positive] = Array.isArray(state) ? state : [];
      if (!(negative instanceof Float64Array && positive instanceof Float64Array)) {
        throw new TypeError(
          `state must be the scores of both classes, two Float64Arrays, got ${show(state)}`,
        );
      }
      [scores[0], scores[1]] = [Array.from(negative), Array.from(positive)];
    },
  };
});

function scoresOf(output: Tensor): ArrayLike<number> {
  const values = settledArray(arrayOf(output));
  const { shape } = output;
  const columns = shape.length < 2 ? 1 : (shape.at(-1) ?? 1);
  if (columns === 1) return values;
  if (columns === 2) {
    return Float64Array.from({ length: values.length / 2 }, (_, r) => values[2 * r + 1] - values[2 * r]);
  }
  throw new RangeError(`output must have one column or two, got shape ${showShape(shape)}`);
}

function area(negative: Float64Array, positive: Float64Array): number {
  if (negative.some(Number.isNaN) || positive.some(Number.isNaN)) return Number.NaN;
  negative.sort();
  positive.sort();
  let [below, upTo, sum] = [0, 0, 0];
  for (const score of positive) {
    while (below < negative.length && negative[below] < score) below++;
    while (upTo < negative.length && negative[upTo] <= score) upTo++;
    sum += (below + upTo) / 2;
  }
  return sum / positive.length / negative.length;
}
