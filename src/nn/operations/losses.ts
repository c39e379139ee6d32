import { kernels } from '../../backend/select.js';
import { give, record, takeLike, type Variable } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { Storage } from '../engine/storage.js';
import { checkSameShape } from './check.js';

/** The mean over the rows of -log softmax(logits)[label]; labels are in range, or -1: those rows do not count. */
export function crossEntropy(logits: Variable, labels: Int32Array, smoothing: number): Variable {
  const rows = labels.length;
  const counted = labels.reduce((count, label) => (label < 0 ? count : count + 1), 0);
  const losses = takeLike(logits, rows);
  const slopes = takeLike(logits);
  const mean = takeLike(logits, 1);
  kernels().crossEntropy(rows, logits.size / rows, smoothing, logits.array, labels, losses, slopes);
  kernels().sum(1, rows, 1, 1 / counted, losses, mean);
  pool.release(losses);
  return record({
    name: 'crossEntropy',
    shape: [],
    storage: Storage.temporary(mean),
    inputs: [logits],
    saved: [slopes],
    backward(gradient) {
      const dLogits = takeLike(logits);
      kernels().mulScalar(logits.size, gradient[0] / counted, slopes, dLogits);
      pool.release(gradient);
      give(logits, dLogits);
    },
  });
}

/** The mean of (prediction - target)^2. */
export function mse(prediction: Variable, target: Variable): Variable {
  checkSameShape('target', target, prediction);
  const { size } = prediction;
  const mean = takeLike(prediction, 1);
  kernels().squaredDistance(size, 1 / size, prediction.array, target.array, mean);
  return record({
    name: 'mse',
    shape: [],
    storage: Storage.temporary(mean),
    inputs: [prediction, target],
    reads: [prediction, target],
    backward(gradient) {
      const slope = (2 * gradient[0]) / size;
      pool.release(gradient);
      const difference = takeLike(prediction);
      kernels().sub(0, 1, 1, size, prediction.array, target.array, difference);
      if (target.needsGradient) {
        const dTarget = takeLike(target);
        kernels().mulScalar(size, -slope, difference, dTarget);
        give(target, dTarget);
      }
      kernels().mulScalar(size, slope, difference, difference);
      give(prediction, difference);
    },
  });
}
