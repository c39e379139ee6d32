import type { FloatArray } from '../../../types.js';
import { laneDeviationDot, laneDot, laneSquaredDeviations, laneSum, REDUCTION_LANES } from '../reduce.js';

// Layer normalisation, Ba, Kiros & Hinton 2016, https://arxiv.org/abs/1607.06450. Mirror: native/matrix/layer-norm.h.
// The two agree to 8 units in the last place of the largest element of each output.

/**
 * y = (x - mean) rstd weight + bias, with the mean and 1 / sqrt(variance + eps) of each row, which are handed out for
 * the backward pass.
 */
export function layerNormForward(
  rows: number,
  columns: number,
  eps: number,
  x: FloatArray,
  weight: FloatArray,
  bias: FloatArray,
  mean: FloatArray,
  rstd: FloatArray,
  y: FloatArray,
): void {
  for (let r = 0; r < rows; r++) {
    const start = r * columns;
    const center = laneSum(x, start, columns) / columns;
    mean[r] = center;
    rstd[r] = 1 / Math.sqrt(laneSquaredDeviations(x, start, columns, center) / columns + eps);
    for (let c = 0; c < columns; c++) y[start + c] = (x[start + c] - mean[r]) * rstd[r] * weight[c] + bias[c];
  }
}

/**
 * The gradient of the input: with h = (x - mean) rstd and g = dy weight,
 * dx = rstd (g - average(g) - h average(g h)), plus dx where `accumulate` is 1. dx may be dy.
 */
export function layerNormBackward(
  rows: number,
  columns: number,
  accumulate: number,
  x: FloatArray,
  weight: FloatArray,
  mean: FloatArray,
  rstd: FloatArray,
  dy: FloatArray,
  dx: FloatArray,
): void {
  for (let r = 0; r < rows; r++) {
    const start = r * columns;
    const average = laneDot(dy, start, weight, 0, columns) / columns;
    const slope = (rstd[r] * rstd[r] * laneDeviationDot(dy, weight, x, start, columns, mean[r])) / columns;
    for (let c = 0; c < columns; c++) {
      const i = start + c;
      const gradient = rstd[r] * (dy[i] * weight[c] - average - (x[i] - mean[r]) * slope);
      dx[i] = accumulate ? dx[i] + gradient : gradient;
    }
  }
}

const weightSums = new Float64Array(REDUCTION_LANES);
const biasSums = new Float64Array(REDUCTION_LANES);

/** The gradients of weight and bias: dWeight[c] = the sum of dy (x - mean) rstd over the rows, dBias[c] = that of dy. */
export function layerNormWeightBackward(
  columns: number,
  rows: number,
  x: FloatArray,
  mean: FloatArray,
  rstd: FloatArray,
  dy: FloatArray,
  dWeight: FloatArray,
  dBias: FloatArray,
): void {
  for (let first = 0; first < columns; first += REDUCTION_LANES) {
    const width = Math.min(REDUCTION_LANES, columns - first);
    weightSums.fill(0);
    biasSums.fill(0);
    for (let r = 0; r < rows; r++) {
      const start = r * columns + first;
      for (let c = 0; c < width; c++) {
        weightSums[c] += dy[start + c] * ((x[start + c] - mean[r]) * rstd[r]);
        biasSums[c] += dy[start + c];
      }
    }
    for (let c = 0; c < width; c++) {
      dWeight[first + c] = weightSums[c];
      dBias[first + c] = biasSums[c];
    }
  }
}
