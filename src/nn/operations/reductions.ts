import { kernels } from '../../backend/select.js';
import type { Line } from '../../core/axes.js';
import type { FloatArray } from '../../core/types.js';
import { contribute, give, record, takeLike, type Variable } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { Storage } from '../engine/storage.js';

/** `factor` times the sum of all elements, a single number: the sum and the mean. */
export function scaledSum(x: Variable, factor: number): Variable {
  return sumAlong(x, [{ outer: 1, count: x.size, inner: 1 }], factor, []);
}

/** Adds `x`, summed along the lines one after the other, to the gradient of `variable`. */
export function giveSum(variable: Variable, lines: readonly Line[], x: FloatArray): void {
  if (!variable.needsGradient) return;
  let sums = x;
  for (const { outer, count, inner } of lines) {
    const next = takeLike(variable, outer * inner);
    kernels().sum(outer, count, inner, 1, sums, next);
    if (sums !== x) pool.release(sums);
    sums = next;
  }
  give(variable, sums);
}

/** `factor` times the sum along the lines, one after the other. */
export function sumAlong(
  x: Variable,
  lines: readonly Line[],
  factor: number,
  shape: readonly number[],
): Variable {
  return lines.reduce((variable, line, i) => {
    const { outer, count, inner } = line;
    const alpha = i === lines.length - 1 ? factor : 1;
    const out = takeLike(variable, outer * inner);
    kernels().sum(outer, count, inner, alpha, variable.array, out);
    return record({
      name: 'sum',
      shape: i === lines.length - 1 ? shape : [out.length],
      storage: Storage.temporary(out),
      inputs: [variable],
      backward(gradient) {
        contribute(variable, (into, accumulate) =>
          kernels().sumBackward(outer, count, inner, accumulate, alpha, gradient, into),
        );
        pool.release(gradient);
      },
    });
  }, x);
}

/** The kernel of each gradient. */
const gradients = {
  prod: 'prodBackward',
  amax: 'extremeBackward',
  amin: 'extremeBackward',
  norm1: 'norm1Backward',
  norm2: 'norm2Backward',
  normInf: 'normInfBackward',
} as const;

/** A reduction along the lines, one after the other. */
export function reduceAlong(
  name: keyof typeof gradients,
  x: Variable,
  lines: readonly Line[],
  shape: readonly number[],
): Variable {
  return lines.reduce((variable, line, i) => {
    const { outer, count, inner } = line;
    const y = takeLike(variable, outer * inner);
    kernels()[name](outer, count, inner, 1, variable.array, y);
    return record({
      name,
      shape: i === lines.length - 1 ? shape : [y.length],
      storage: Storage.temporary(y),
      inputs: [variable],
      reads: [variable],
      readsOutput: true,
      backward(gradient) {
        contribute(variable, (into, accumulate) =>
          kernels()[gradients[name]](outer, count, inner, accumulate, variable.array, y, gradient, into),
        );
        pool.release(gradient);
      },
    });
  }, x);
}
