import { kernels } from '../../backend/stream.js';
import { sameShape, showShape } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { give, giveInto, record, takeLike } from '../engine/autograd.js';
import { arrayOf, type Tensor } from '../engine/tensor.js';
import { checkSameType } from './check.js';

/** The last dimensions of x must be those of the weight: each such row is normalised by itself. */
function rowsOf(x: Tensor, weight: Tensor): { rows: number; columns: number } {
  checkSameType('x', x, weight);
  if (!sameShape(x.shape.slice(-weight.shape.length), weight.shape)) {
    const expected = ['...', ...weight.shape].join(', ');
    throw new RangeError(`x must have shape [${expected}], got ${showShape(x.shape)}`);
  }
  return { rows: x.size / weight.size, columns: weight.size };
}

/** Each row of x, of the shape of weight and bias, brought to mean 0 and variance 1, times weight, plus bias. */
export function layerNorm(x: Tensor, weight: Tensor, bias: Tensor, eps: number): Tensor {
  const { rows, columns } = rowsOf(x, weight);
  const [y, mean, rstd] = [takeLike(x), takeLike(x, rows), takeLike(x, rows)];
  kernels().layerNormForward(rows, columns, eps, arrayOf(x), arrayOf(weight), arrayOf(bias), mean, rstd, y);
  const reads = x.requiresGrad ? [x, weight] : [x];
  return record(
    { name: 'layerNorm', out: y, inputs: [x, weight, bias], reads, saved: [mean, rstd] },
    (gradient) => {
      const [dWeight, dBias] = [takeLike(weight), takeLike(bias)];
      const inputs = [arrayOf(x), arrayOf(weight), mean, rstd, gradient] as const;
      giveInto(x, gradient, (into, accumulate) =>
        kernels().layerNormBackward(rows, columns, accumulate, ...inputs, into, dWeight, dBias),
      );
      give(weight, dWeight);
      give(bias, dBias);
    },
  );
}

/**
 * The channels of x [batch, ..., channels] in groups of neighbours, each brought to mean 0 and variance 1 over its channels at
 * all places of a sample; times weight, plus bias, channel by channel.
 */
export function groupNorm(x: Tensor, groups: number, weight: Tensor, bias: Tensor, eps: number): Tensor {
  const [batch] = x.shape;
  const sizes = [batch, x.size / batch / weight.size, groups, weight.size / groups] as const;
  const lines = batch * groups;
  const [y, mean, rstd] = [takeLike(x), takeLike(x, lines), takeLike(x, lines)];
  kernels().groupNormForward(...sizes, eps, arrayOf(x), arrayOf(weight), arrayOf(bias), mean, rstd, y);
  const reads = x.requiresGrad ? [x, weight] : [x];
  return record(
    { name: 'groupNorm', out: y, inputs: [x, weight, bias], reads, saved: [mean, rstd] },
    (gradient) => {
      const [dWeight, dBias] = [takeLike(weight), takeLike(bias)];
      const inputs = [arrayOf(x), arrayOf(weight), mean, rstd, gradient] as const;
      giveInto(x, gradient, (into, accumulate) =>
        kernels().groupNormBackward(...sizes, accumulate, ...inputs, into, dWeight, dBias),
      );
      give(weight, dWeight);
      give(bias, dBias);
    },
  );
}

/** Each row of x, of the shape of weight, over the root of the mean of its squares plus eps, times weight. */
export function rmsNorm(x: Tensor, weight: Tensor, eps: number): Tensor {
  const { rows, columns } = rowsOf(x, weight);
  const [y, rstd] = [takeLike(x), takeLike(x, rows)];
  kernels().rmsNormForward(rows, columns, eps, arrayOf(x), arrayOf(weight), rstd, y);
  const reads = x.requiresGrad ? [x, weight] : [x];
  return record({ name: 'rmsNorm', out: y, inputs: [x, weight], reads, saved: [rstd] }, (gradient) => {
    const dWeight = takeLike(weight);
    const inputs = [arrayOf(x), arrayOf(weight), rstd, gradient] as const;
    giveInto(x, gradient, (into, accumulate) =>
      kernels().rmsNormBackward(rows, columns, accumulate, ...inputs, into, dWeight),
    );
    give(weight, dWeight);
  });
}

/** The mean and the biased variance of each column, in arrays from the pool. */
export interface ColumnStatistics {
  readonly mean: FloatArray;
  readonly variance: FloatArray;
}

export function columnStatistics(x: Tensor, columns: number): ColumnStatistics {
  const [mean, variance] = [takeLike(x, columns), takeLike(x, columns)];
  kernels().batchNormStatistics(columns, x.size / columns, arrayOf(x), mean, variance);
  return { mean, variance };
}

/**
 * Each column of x less its mean, over the root of its variance plus eps, times weight, plus bias. The statistics are
 * arrays from the pool, which this takes over. In training they depend on x, else they are constants.
 */
export function batchNorm(
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  { mean, variance }: ColumnStatistics,
  training: boolean,
  eps: number,
): Tensor {
  const columns = weight.size;
  const rows = x.size / columns;
  const y = takeLike(x);
  const scales = [mean, variance, arrayOf(weight), arrayOf(bias)] as const;
  kernels().batchNormForward(columns, rows, eps, arrayOf(x), ...scales, y);
  const reads = x.requiresGrad ? [x, weight] : [x];
  const saved = [mean, variance];
  return record({ name: 'batchNorm', out: y, inputs: [x, weight, bias], reads, saved }, (gradient) => {
    const [dWeight, dBias] = [takeLike(weight), takeLike(bias)];
    const inputs = [arrayOf(x), mean, variance, arrayOf(weight), gradient] as const;
    kernels().batchNormBackward(columns, rows, training ? 1 : 0, eps, ...inputs, gradient, dWeight, dBias);
    give(weight, dWeight);
    give(bias, dBias);
    give(x, gradient);
  });
}
