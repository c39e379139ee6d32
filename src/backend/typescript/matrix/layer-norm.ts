import type { LayerNormBackward, LayerNormForward } from '../../contract/arguments.js';
import { addition } from '../../contract/reduction-order.js';
import { laneDeviationDot, laneDot, laneSquaredDeviations, laneSum } from '../reduce.js';
import { reduceAxis } from '../reduce-axis.js';

// Layer normalisation, Ba, Kiros & Hinton 2016, https://arxiv.org/abs/1607.06450. Mirror: native/matrix/layer-norm.h.
// The two agree to 8 units in the last place of the largest element of each output.

/**
 * y = (x - mean) rstd weight + bias, with the mean and 1 / sqrt(variance + eps) of each row, which are handed out for
 * the backward pass.
 */
export const layerNormForward: LayerNormForward = (rows, columns, eps, x, weight, bias, mean, rstd, y) => {
  for (let r = 0; r < rows; r++) {
    const start = r * columns;
    const center = laneSum(x, start, columns) / columns;
    mean[r] = center;
    rstd[r] = 1 / Math.sqrt(laneSquaredDeviations(x, start, columns, center) / columns + eps);
    for (let c = 0; c < columns; c++) y[start + c] = (x[start + c] - mean[r]) * rstd[r] * weight[c] + bias[c];
  }
};

/**
 * dWeight[c] = the sum of dy h over the rows and dBias[c] = that of dy, with h = (x - mean) rstd. With g = dy weight,
 * dx = rstd (g - average(g) - h average(g h)), plus dx where `accumulate` is 1. dx may be dy.
 */
export const layerNormBackward: LayerNormBackward = (
  rows,
  columns,
  accumulate,
  x,
  weight,
  mean,
  rstd,
  dy,
  dx,
  dWeight,
  dBias,
) => {
  const normal = (i: number) => (x[i] - mean[Math.floor(i / columns)]) * rstd[Math.floor(i / columns)];
  reduceAxis(
    1,
    rows,
    columns,
    addition,
    (i) => dy[i] * normal(i),
    (c, sum) => {
      dWeight[c] = sum;
    },
  );
  reduceAxis(
    1,
    rows,
    columns,
    addition,
    (i) => dy[i],
    (c, sum) => {
      dBias[c] = sum;
    },
  );
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
};
