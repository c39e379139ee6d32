import { kernels } from '../../backend/select.js';
import { contribute, record, takeLike, type Variable } from '../autograd.js';
import { pool } from '../pool.js';
import { Storage } from '../storage.js';

/** `factor` times the sum of all elements, a single number: the sum and the mean. */
export function scaledSum(x: Variable, factor: number): Variable {
  const { size } = x;
  const out = takeLike(x, 1);
  kernels().sum(1, size, 1, factor, x.array, out);
  return record({
    shape: [],
    storage: Storage.temporary(out),
    inputs: [x],
    backward(gradient) {
      const slope = factor * gradient[0];
      pool.release(gradient);
      contribute(x, (into, accumulate) => {
        if (accumulate) kernels().addScalar(size, slope, into, into);
        else into.fill(slope);
      });
    },
  });
}
