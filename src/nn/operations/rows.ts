import { kernels } from '../../backend/select.js';
import { contribute, record, takeLike, type Variable } from '../autograd.js';
import { pool } from '../pool.js';
import { Storage } from '../storage.js';

/** The rows of `weight` with these numbers, which are in range and stay as they are: [rows.length, ...]. */
export function gatherRows(weight: Variable, rows: Int32Array): Variable {
  const [sourceRows, ...rest] = weight.shape;
  const columns = weight.size / sourceRows;
  const out = takeLike(weight, rows.length * columns);
  kernels().gatherRows(rows.length, columns, sourceRows, weight.array, rows, out);
  return record({
    shape: [rows.length, ...rest],
    storage: Storage.temporary(out),
    inputs: [weight],
    backward(gradient) {
      contribute(weight, (into, accumulate) => {
        if (!accumulate) into.fill(0);
        kernels().scatterAddRows(columns, rows.length, sourceRows, gradient, rows, into);
      });
      pool.release(gradient);
    },
  });
}
