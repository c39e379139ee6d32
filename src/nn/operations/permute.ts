import { permuteInto } from '../../array/transpose.js';
import type { Shape } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { give, record, takeLike, type Variable } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { Storage } from '../engine/storage.js';

/** x with its dimensions in this order. */
export function permute(x: Variable, axes: readonly number[]): Variable {
  const shape = axes.map((axis) => x.shape[axis]);
  const out = takeLike(x);
  run(x, x.shape, axes, x.array, out);
  return record({
    name: 'permute',
    shape,
    storage: Storage.temporary(out),
    inputs: [x],
    backward(gradient) {
      const back = axes.map((_, d) => axes.indexOf(d));
      const dx = takeLike(x);
      run(x, shape, back, gradient, dx);
      pool.release(gradient);
      give(x, dx);
    },
  });
}

function run(like: Variable, shape: Shape, axes: readonly number[], from: FloatArray, to: FloatArray): void {
  const borrowed: FloatArray[] = [];
  permuteInto(shape, axes, from, to, () => {
    const array = takeLike(like);
    borrowed.push(array);
    return array;
  });
  for (const array of borrowed) pool.release(array);
}
