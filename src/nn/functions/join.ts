import { kernels } from '../../backend/stream.js';
import type { Shape } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { give, record, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, type Tensor } from '../engine/tensor.js';

/** Copies `outer` rows of `width` numbers, each a row of a matrix of other widths, from one column of it on. */
function copyRows(
  [outer, width]: readonly [number, number],
  [from, fromWidth, fromColumn]: readonly [FloatArray, number, number],
  [to, toWidth, toColumn]: readonly [FloatArray, number, number],
): void {
  // biome-ignore format: sizes, then the start and the steps of either side
  kernels().copyStrided(
    1, 1, outer, width, fromColumn, 0, 0, fromWidth, 1, toColumn, 0, 0, toWidth, 1, from, to,
  );
}

/** Tensors side by side, each taken as `outer` rows, in a tensor of this shape. */
export function join(tensors: readonly Tensor[], outer: number, shape: Shape): Tensor {
  const widths = tensors.map(({ size }) => size / outer);
  const total = widths.reduce((sum, width) => sum + width, 0);
  const columns = widths.map((_, k) => widths.slice(0, k).reduce((sum, width) => sum + width, 0));
  const out = takeLike(tensors[0], outer * total);
  for (const [k, one] of tensors.entries()) {
    copyRows([outer, widths[k]], [arrayOf(one), widths[k], 0], [out, total, columns[k]]);
  }
  return record({ name: 'join', shape, out, inputs: tensors }, (gradient) => {
    for (const [k, one] of tensors.entries()) {
      if (!one.requiresGrad) continue;
      const part = takeLike(one);
      copyRows([outer, widths[k]], [gradient, total, columns[k]], [part, widths[k], 0]);
      give(one, part);
    }
    pool.release(gradient);
  });
}
