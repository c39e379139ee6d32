import { kernels } from '../../backend/select.js';
import type { FloatArray } from '../../core/types.js';
import { give, giveInto, record, takeLike, type Variable } from '../engine/autograd.js';

/** Each row of x, of the length of weight and bias, brought to mean 0 and variance 1, times weight, plus bias. */
export function layerNorm(x: Variable, weight: Variable, bias: Variable, eps: number): Variable {
  const columns = weight.size;
  const rows = x.size / columns;
  const y = takeLike(x);
  const mean = takeLike(x, rows);
  const rstd = takeLike(x, rows);
  kernels().layerNormForward(rows, columns, eps, x.array, weight.array, bias.array, mean, rstd, y);
  return record({
    name: 'layerNorm',
    shape: x.shape,
    out: y,
    inputs: [x, weight, bias],
    reads: x.needsGradient ? [x, weight] : [x],
    saved: [mean, rstd],
    backward(gradient) {
      const dWeight = takeLike(weight);
      const dBias = takeLike(bias);
      const inputs = [x.array, weight.array, mean, rstd, gradient] as const;
      giveInto(x, gradient, (into, accumulate) =>
        kernels().layerNormBackward(rows, columns, accumulate, ...inputs, into, dWeight, dBias),
      );
      give(weight, dWeight);
      give(bias, dBias);
    },
  });
}

/** Each row of x, of the length of weight, over the root of the mean of its squares plus eps, times weight. */
export function rmsNorm(x: Variable, weight: Variable, eps: number): Variable {
  const columns = weight.size;
  const rows = x.size / columns;
  const y = takeLike(x);
  const rstd = takeLike(x, rows);
  kernels().rmsNormForward(rows, columns, eps, x.array, weight.array, rstd, y);
  return record({
    name: 'rmsNorm',
    shape: x.shape,
    out: y,
    inputs: [x, weight],
    reads: x.needsGradient ? [x, weight] : [x],
    saved: [rstd],
    backward(gradient) {
      const dWeight = takeLike(weight);
      giveInto(x, gradient, (into, accumulate) =>
        kernels().rmsNormBackward(
          rows,
          columns,
          accumulate,
          x.array,
          weight.array,
          rstd,
          gradient,
          into,
          dWeight,
        ),
      );
      give(weight, dWeight);
    },
  });
}

/** The mean and the biased variance of each column, in arrays from the pool. */
export interface ColumnStatistics {
  readonly mean: FloatArray;
  readonly variance: FloatArray;
}

export function columnStatistics(x: Variable, columns: number): ColumnStatistics {
  const mean = takeLike(x, columns);
  const variance = takeLike(x, columns);
  kernels().batchNormStatistics(columns, x.size / columns, x.array, mean, variance);
  return { mean, variance };
}

/**
 * Each column of x less its mean, over the root of its variance plus eps, times weight, plus bias. The statistics are
 * arrays from the pool, which this takes over. In training they depend on x, else they are constants.
 */
export function batchNorm(
  x: Variable,
  weight: Variable,
  bias: Variable,
  { mean, variance }: ColumnStatistics,
  training: boolean,
  eps: number,
): Variable {
  const columns = weight.size;
  const rows = x.size / columns;
  const y = takeLike(x);
  kernels().batchNormForward(columns, rows, eps, x.array, mean, variance, weight.array, bias.array, y);
  return record({
    name: 'batchNorm',
    shape: x.shape,
    out: y,
    inputs: [x, weight, bias],
    reads: x.needsGradient ? [x, weight] : [x],
    saved: [mean, variance],
    backward(gradient) {
      const dWeight = takeLike(weight);
      const dBias = takeLike(bias);
      kernels().batchNormBackward(
        columns,
        rows,
        training ? 1 : 0,
        eps,
        x.array,
        mean,
        variance,
        weight.array,
        gradient,
        gradient,
        dWeight,
        dBias,
      );
      give(weight, dWeight);
      give(bias, dBias);
      give(x, gradient);
    },
  });
}
