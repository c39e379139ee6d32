import type { BatchNormBackward, BatchNormForward, BatchNormStatistics } from '../../contract/arguments.js';
import { addition, REDUCTION_LANES } from '../../contract/reduction-order.js';
import { reduceColumns } from '../reduce-axis.js';

// Batch normalisation over the rows of a matrix, one feature a column, Ioffe & Szegedy 2015,
// https://arxiv.org/abs/1502.03167. Mirror: native/matrix/batch-norm.h.
// The two agree to 8 units in the last place of the largest element of each output.
// Sums go down the columns in the order of reduce-axis.ts.

const scales = new Float64Array(REDUCTION_LANES);
const averages = new Float64Array(REDUCTION_LANES);
const slopes = new Float64Array(REDUCTION_LANES);

/** The mean and the biased variance of each column. */
export const batchNormStatistics: BatchNormStatistics = (columns, rows, x, mean, variance) => {
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
    (i) => {
      const deviation = x[i] - mean[i % columns];
      return deviation * deviation;
    },
    (c, squares) => {
      variance[c] = squares / rows;
    },
  );
};

/** y = (x - mean) / sqrt(variance + eps) weight + bias; y may be x. */
export const batchNormForward: BatchNormForward = (
  columns,
  rows,
  eps,
  x,
  mean,
  variance,
  weight,
  bias,
  y,
) => {
  for (let first = 0; first < columns; first += REDUCTION_LANES) {
    const width = Math.min(REDUCTION_LANES, columns - first);
    for (let c = 0; c < width; c++) scales[c] = weight[first + c] / Math.sqrt(variance[first + c] + eps);
    for (let r = 0; r < rows; r++) {
      const start = r * columns + first;
      for (let c = 0; c < width; c++) {
        y[start + c] = (x[start + c] - mean[first + c]) * scales[c] + bias[first + c];
      }
    }
  }
};

/**
 * The gradients of all inputs. With rstd = 1 / sqrt(variance + eps) and h = (x - mean) rstd: dWeight = the sum of dy h
 * and dBias = the sum of dy down each column; dx = weight rstd (dy - (dBias + h dWeight) / rows), or, where the
 * statistics are constants (`training` is 0), dx = weight rstd dy. dx may be dy.
 */
export const batchNormBackward: BatchNormBackward = (
  columns,
  rows,
  training,
  eps,
  x,
  mean,
  variance,
  weight,
  dy,
  dx,
  dWeight,
  dBias,
) => {
  const rstd = (c: number) => 1 / Math.sqrt(variance[c] + eps);
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
      dWeight[c] = sum * rstd(c);
    },
  );
  for (let first = 0; first < columns; first += REDUCTION_LANES) {
    const width = Math.min(REDUCTION_LANES, columns - first);
    for (let c = 0; c < width; c++) {
      scales[c] = weight[first + c] * rstd(first + c);
      averages[c] = training ? dBias[first + c] / rows : 0;
      slopes[c] = training ? (dWeight[first + c] * rstd(first + c)) / rows : 0;
    }
    for (let r = 0; r < rows; r++) {
      const start = r * columns + first;
      for (let c = 0; c < width; c++) {
        const i = start + c;
        dx[i] = scales[c] * (dy[i] - averages[c] - (x[i] - mean[first + c]) * slopes[c]);
      }
    }
  }
};

/** finish(c, sum) with the sum of term(i) over the elements i of each column c. */
function sumColumns(
  rows: number,
  columns: number,
  term: (i: number) => number,
  finish: (c: number, sum: number) => void,
): void {
  reduceColumns(1, rows, columns, addition, term, finish);
}
