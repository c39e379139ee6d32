import { kernels } from '../../backend/select.js';
import type { FloatArray } from '../../core/types.js';
import { contribute, contributeRows, record, takeLike, type Variable } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { Storage } from '../engine/storage.js';

/**
 * The rows of `weight` with these numbers, which are in range and stay as they are: [...shape, ...] where `shape` has as
 * many elements. No gradient goes to the row with the number `padding`.
 */
export function gatherRows(
  weight: Variable,
  rows: Int32Array,
  shape: readonly number[] = [rows.length],
  padding = -1,
): Variable {
  const [sourceRows, ...rest] = weight.shape;
  const columns = weight.size / sourceRows;
  const out = takeLike(weight, rows.length * columns);
  kernels().gatherRows(rows.length, columns, sourceRows, weight.array, rows, out);
  return record({
    name: 'embedding',
    shape: [...shape, ...rest],
    storage: Storage.temporary(out),
    inputs: [weight],
    backward(gradient) {
      const used = rows.includes(padding) ? withoutRow(padding, rows, gradient, columns) : rows;
      if (weight.sparse) contributeRows(weight, used, gradient);
      else {
        contribute(weight, (into, accumulate) => {
          if (!accumulate) into.fill(0);
          kernels().scatterAddRows(columns, used.length, sourceRows, gradient, used, into);
        });
      }
      pool.release(gradient);
    },
  });
}

/** The other row numbers, whose gradients move up in place. */
function withoutRow(row: number, rows: Int32Array, gradient: FloatArray, columns: number): Int32Array {
  const kept = rows.filter((one) => one !== row);
  let to = 0;
  for (let r = 0; r < rows.length; r++) {
    if (rows[r] === row) continue;
    if (to !== r) gradient.copyWithin(to * columns, r * columns, (r + 1) * columns);
    to++;
  }
  return kept;
}
