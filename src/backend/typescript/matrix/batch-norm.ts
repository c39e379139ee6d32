import type { FloatArray } from '../../../types.js';
import { REDUCTION_LANES } from '../reduce.js';

// Batch normalisation over the rows of a matrix, one feature a column, Ioffe & Szegedy 2015,
// https://arxiv.org/abs/1502.03167. Mirror: native/matrix/batch-norm.h.
// The two agree to 8 units in the last place of the largest element of each output.
// Columns are taken a block at a time, all rows of a block while it is in the cache; sums go down the rows in double.

const sums = new Float64Array(REDUCTION_LANES);
const products = new Float64Array(REDUCTION_LANES);
const centers = new Float64Array(REDUCTION_LANES);
const scales = new Float64Array(REDUCTION_LANES);

/** The mean and the biased variance of each column. */
export function batchNormStatistics(
  columns: number,
  rows: number,
  x: FloatArray,
  mean: FloatArray,
  variance: FloatArray,
): void {
  for (let first = 0; first < columns; first += REDUCTION_LANES) {
    const width = Math.min(REDUCTION_LANES, columns - first);
    sums.fill(0);
    for (let r = 0; r < rows; r++) {
      const start = r * columns + first;
      for (let c = 0; c < width; c++) sums[c] += x[start + c];
    }
    for (let c = 0; c < width; c++) centers[c] = sums[c] / rows;
    sums.fill(0);
    for (let r = 0; r < rows; r++) {
      const start = r * columns + first;
      for (let c = 0; c < width; c++) {
        const deviation = x[start + c] - centers[c];
        sums[c] += deviation * deviation;
      }
    }
    for (let c = 0; c < width; c++) {
      mean[first + c] = centers[c];
      variance[first + c] = sums[c] / rows;
    }
  }
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
  for (let first = 0; first < columns; first += REDUCTION_LANES) {
    const width = Math.min(REDUCTION_LANES, columns - first);
    sums.fill(0);
    products.fill(0);
    for (let r = 0; r < rows; r++) {
      const start = r * columns + first;
      for (let c = 0; c < width; c++) {
        sums[c] += dy[start + c];
        products[c] += dy[start + c] * (x[start + c] - mean[first + c]);
      }
    }
    for (let c = 0; c < width; c++) {
      const rstd = 1 / Math.sqrt(variance[first + c] + eps);
      scales[c] = weight[first + c] * rstd;
      dWeight[first + c] = products[c] * rstd;
      dBias[first + c] = sums[c];
      sums[c] = training ? sums[c] / rows : 0;
      products[c] = training ? (products[c] * rstd * rstd) / rows : 0;
    }
    for (let r = 0; r < rows; r++) {
      const start = r * columns + first;
      for (let c = 0; c < width; c++) {
        const i = start + c;
        dx[i] = scales[c] * (dy[i] - sums[c] - (x[i] - mean[first + c]) * products[c]);
      }
    }
  }
}
