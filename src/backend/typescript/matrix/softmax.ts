import type { FloatArray } from '../../../core/types.js';
import type { Softmax, SoftmaxBackward } from '../../contract/arguments.js';
import { laneSum } from '../reduce.js';

// Softmax and its logarithm along the middle axis of [outer, count, inner]. Mirror: native/matrix/softmax.h.
// The two agree to 8 units in the last place of the largest element.

// A line's elements one after the other: what is wanted of an axis other than the last.
let line = new Float64Array(0);
let slopes = new Float64Array(0);
let products = new Float64Array(0);

/** The line of every (o, c) goes through `line`, as `work` leaves it. */
function forLines(
  outer: number,
  count: number,
  inner: number,
  from: FloatArray,
  to: FloatArray,
  work: (start: number) => void,
): void {
  if (line.length < count) {
    line = new Float64Array(count);
    slopes = new Float64Array(count);
    products = new Float64Array(count);
  }
  for (let o = 0; o < outer; o++) {
    for (let c = 0; c < inner; c++) {
      const start = o * count * inner + c;
      for (let r = 0; r < count; r++) line[r] = from[start + r * inner];
      work(start);
      for (let r = 0; r < count; r++) to[start + r * inner] = line[r];
    }
  }
}

/** A line's sum: over the lanes along the last axis, else one after the other. */
function sum(values: Float64Array, count: number, inner: number): number {
  if (inner === 1) return laneSum(values, 0, count);
  let total = 0;
  for (let r = 0; r < count; r++) total += values[r];
  return total;
}

/** Takes the largest element off the line; NaN is passed over, and makes itself felt in the sum. */
function lower(count: number): void {
  let top = Number.NEGATIVE_INFINITY;
  for (let r = 0; r < count; r++) if (line[r] > top) top = line[r];
  for (let r = 0; r < count; r++) line[r] -= top;
}

/** y = exp(x) / the sum of exp(x); y may be x. */
export const softmaxForward: Softmax = (outer, count, inner, x, y) => {
  forLines(outer, count, inner, x, y, () => {
    lower(count);
    for (let r = 0; r < count; r++) line[r] = Math.exp(line[r]);
    const total = sum(line, count, inner);
    for (let r = 0; r < count; r++) line[r] /= total;
  });
};

/** y = x - log(the sum of exp(x)); y may be x. */
export const logSoftmaxForward: Softmax = (outer, count, inner, x, y) => {
  forLines(outer, count, inner, x, y, () => {
    lower(count);
    for (let r = 0; r < count; r++) slopes[r] = Math.exp(line[r]);
    const shift = Math.log(sum(slopes, count, inner));
    for (let r = 0; r < count; r++) line[r] -= shift;
  });
};

/** dx = y (dy - the sum of dy y), with y = softmax(x); dx may be dy. */
export const softmaxBackward: SoftmaxBackward = (outer, count, inner, y, dy, dx) => {
  forLines(outer, count, inner, y, dx, (start) => {
    for (let r = 0; r < count; r++) slopes[r] = dy[start + r * inner];
    for (let r = 0; r < count; r++) products[r] = line[r] * slopes[r];
    const total = sum(products, count, inner);
    for (let r = 0; r < count; r++) line[r] *= slopes[r] - total;
  });
};

/** dx = dy - exp(y) times the sum of dy, with y = log(softmax(x)); dx may be dy. */
export const logSoftmaxBackward: SoftmaxBackward = (outer, count, inner, y, dy, dx) => {
  forLines(outer, count, inner, y, dx, (start) => {
    for (let r = 0; r < count; r++) slopes[r] = dy[start + r * inner];
    const total = sum(slopes, count, inner);
    for (let r = 0; r < count; r++) line[r] = slopes[r] - Math.exp(line[r]) * total;
  });
};
