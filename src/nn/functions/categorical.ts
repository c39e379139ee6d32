import { checkGenerator, type Generator } from '../../array/generator.js';
import { showShape } from '../../core/shapes.js';
import { defaultGenerator } from '../engine/default-generator.js';
import { noGrad } from '../engine/no-grad.js';
import { checkTensor, type Tensor } from '../engine/tensor.js';
import { softmax } from './softmax.js';

/**
 * A class for each row, drawn with the probabilities softmax(logits): what a classifier believes the labels to be.
 *
 * @param logits [rows, classes]
 * @param generator two words a row are drawn from it. Default: the one that `manualSeed` restarts.
 * @returns [rows] whole numbers from 0 to classes - 1.
 */
export function sampleCategorical(logits: Tensor, generator: Generator = defaultGenerator()): Int32Array {
  checkTensor('logits', logits);
  checkGenerator(generator);
  if (logits.shape.length !== 2) {
    throw new RangeError(`logits must have shape [rows, classes], got ${showShape(logits.shape)}`);
  }
  const [rows, classes] = logits.shape;
  return noGrad(() => {
    const { value } = softmax(logits, 1);
    const labels = new Int32Array(rows);
    for (let r = 0; r < rows; r++) {
      labels[r] = drawn(value, r * classes, classes, generator.uniform());
    }
    return labels;
  });
}

/** The first class up to which the probabilities from `start` on sum to more than this share of all. */
function drawn(probabilities: ArrayLike<number>, start: number, classes: number, share: number): number {
  let total = 0;
  for (let c = 0; c < classes; c++) total += probabilities[start + c];
  const bound = share * total;
  let last = 0;
  let sum = 0;
  for (let c = 0; c < classes; c++) {
    const probability = probabilities[start + c];
    sum += probability;
    if (sum > bound) return c;
    if (probability > 0) last = c;
  }
  // The product may have been rounded up to all of them.
  return last;
}
