import type { RmsNormBackward, RmsNormForward } from '../../contract/arguments.js';
import { addition } from '../../contract/reduction-order.js';
import { laneDeviationDot, laneDot } from '../reduce.js';
import { reduceAxis } from '../reduce-axis.js';

// Root mean square normalisation, Zhang & Sennrich 2019, https://arxiv.org/abs/1910.07467.
// Mirror: native/matrix/rms-norm.h. The two agree to 8 units in the last place of the largest element of each output.

/** y = x rstd weight, with rstd = 1 / sqrt(the mean of x^2 + eps) of each row, which is handed out. y may be x. */
export const rmsNormForward: RmsNormForward = (rows, columns, eps, x, weight, rstd, y) => {
  for (let r = 0; r < rows; r++) {
    const start = r * columns;
    rstd[r] = 1 / Math.sqrt(laneDot(x, start, x, start, columns) / columns + eps);
    for (let c = 0; c < columns; c++) y[start + c] = x[start + c] * rstd[r] * weight[c];
  }
};

/**
 * dWeight[c] = the sum of dy x rstd over the rows. With g = dy weight, dx = rstd (g - x rstd^2 average(g x)), plus dx
 * where `accumulate` is 1. dx may be dy.
 */
export const rmsNormBackward: RmsNormBackward = (
  rows,
  columns,
  accumulate,
  x,
  weight,
  rstd,
  dy,
  dx,
  dWeight,
) => {
  reduceAxis(
    1,
    rows,
    columns,
    addition,
    (i) => dy[i] * (x[i] * rstd[Math.floor(i / columns)]),
    (c, sum) => {
      dWeight[c] = sum;
    },
  );
  for (let r = 0; r < rows; r++) {
    const start = r * columns;
    const slope = (rstd[r] * rstd[r] * laneDeviationDot(dy, weight, x, start, columns, 0)) / columns;
    for (let c = 0; c < columns; c++) {
      const i = start + c;
      const gradient = rstd[r] * (dy[i] * weight[c] - x[i] * slope);
      dx[i] = accumulate ? dx[i] + gradient : gradient;
    }
  }
};
