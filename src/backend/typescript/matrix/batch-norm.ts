import type { FloatArray } from '../../../types.js';
import { addition } from '../reduce.js';
import { reduceColumns } from '../reduce-axis.js';

// Batch normalisation over the rows of a matrix, one feature a column, Ioffe & Szegedy 2015,
// https://arxiv.org/abs/1502.03167. Mirror: native/matrix/batch-norm.h.
// The two agree to 8 units in the last place of the largest element of each output.
// Sums go down the columns in the order of reduce-axis.ts.

/** The mean and the biased variance of each column. */
export function batchNormStatistics(
  columns: number,
  rows: number,
  x: FloatArray,
  mean: FloatArray,
  variance: FloatArray,
): void {
  sumColumns(
    rows,
    columns,
    (i) => x[i],
    (c, sum) => {
      mean[c] = sum / rows;
    },
  );
  sumColumns(
    rows,
    columns,
    (i) => (x[i] - mean[i % columns]) ** 2,
    (c, squares) => {
      variance[c] = squares / rows;
    },
  );
}

/** y = (x - mean) / sqrt(variance + eps) weight + bias; y may be x. */
export function batchNormForward(
  columns: number,
  rows: number,
  eps: number,
  x: FloatArray,
  mean: FloatArray,
  variance: FloatArray,
  weight: FloatArray,
  bias: FloatArray,
  y: FloatArray,
): void {
  const scale = Float64Array.from(weight, (factor, c) => factor / Math.sqrt(variance[c] + eps));
  for (let i = 0; i < rows * columns; i++) {
    const c = i % columns;
    y[i] = (x[i] - mean[c]) * scale[c] + bias[c];
  }
}

/**
 * The gradients of all inputs. With rstd = 1 / sqrt(variance + eps) and h = (x - mean) rstd: dWeight = the sum of dy h
 * and dBias = the sum of dy down each column; dx = weight rstd (dy - (dBias + h dWeight) / rows), or, where the
 * statistics are constants (`training` is 0), dx = weight rstd dy. dx may be dy.
 */
export function batchNormBackward(
  columns: number,
  rows: number,
  training: number,
  eps: number,
  x: FloatArray,
  mean: FloatArray,
  variance: FloatArray,
  weight: FloatArray,
  dy: FloatArray,
  dx: FloatArray,
  dWeight: FloatArray,
  dBias: FloatArray,
): void {
  const rstd = Float64Array.from(variance, (squares) => 1 / Math.sqrt(squares + eps));
  sumColumns(
    rows,
    columns,
    (i) => dy[i],
    (c, sum) => {
      dBias[c] = sum;
    },
  );
  sumColumns(
    rows,
    columns,
    (i) => dy[i] * (x[i] - mean[i % columns]),
    (c, sum) => {
      dWeight[c] = sum * rstd[c];
    },
  );
  const average = Float64Array.from(dBias, (sum) => (training ? sum / rows : 0));
  const slope = Float64Array.from(dWeight, (sum, c) => (training ? (sum * rstd[c]) / rows : 0));
  for (let i = 0; i < rows * columns; i++) {
    const c = i % columns;
    dx[i] = weight[c] * rstd[c] * (dy[i] - average[c] - (x[i] - mean[c]) * slope[c]);
  }
}

/** finish(c, sum) with the sum of term(i) over the elements i of each column c. */
function sumColumns(
  rows: number,
  columns: number,
  term: (i: number) => number,
  finish: (c: number, sum: number) => void,
): void {
  reduceColumns(1, rows, columns, addition, term, finish);
}
