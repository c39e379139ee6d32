import type { NumberArray } from '../../../core/types.js';
import type { PairSum, Reduction } from '../../contract/arguments.js';
import { addition, type Join } from '../../contract/reduction-order.js';
import { reduceAxis } from '../reduce-axis.js';

// Reductions of an array, or along the middle axis of [outer, count, inner]. Mirror: native/matrix/reductions.h.
// The two agree to 2 units in the last place, and exactly of whole numbers, which are added and multiplied modulo 2^32.

const same = (x: number) => x;

function reduction(
  operation: Join,
  term: (element: number) => number,
  finish: (number: number) => number,
): Reduction {
  return reductionOfNumbers(operation, operation, term, finish);
}

/** With `whole` for whole numbers: the result times alpha is cut off towards 0. */
function reductionOfNumbers(
  operation: Join,
  whole: Join,
  term = same,
  finish = same,
): Reduction<NumberArray> {
  return (outer, count, inner, alpha, x, out) =>
    reduceAxis(
      outer,
      count,
      inner,
      x instanceof Int32Array ? whole : operation,
      (i) => term(x[i]),
      (line, number) => {
        out[line] = alpha * finish(number);
      },
    );
}

export const multiplication: Join = { neutral: 1, join: (a, b) => a * b };
// Once NaN, always NaN.
const largest: Join = {
  neutral: Number.NEGATIVE_INFINITY,
  join: (a, b) => (Number.isNaN(a) || a > b ? a : b),
};
const smallest: Join = {
  neutral: Number.POSITIVE_INFINITY,
  join: (a, b) => (Number.isNaN(a) || a < b ? a : b),
};

const wholeAddition: Join = { neutral: 0, join: (a, b) => (a + b) | 0 };
const wholeMultiplication: Join = { neutral: 1, join: Math.imul };
const wholeLargest: Join = { neutral: -(2 ** 31), join: Math.max };
const wholeSmallest: Join = { neutral: 2 ** 31 - 1, join: Math.min };

/** out = alpha times the sum of x along the axis, in double. */
export const sum = reductionOfNumbers(addition, wholeAddition);
/** out = alpha times the product, in double. */
export const prod = reductionOfNumbers(multiplication, wholeMultiplication);
/** out = alpha times the largest element, NaN where there is one. */
export const amax = reductionOfNumbers(largest, wholeLargest);
/** out = alpha times the smallest element, NaN where there is one. */
export const amin = reductionOfNumbers(smallest, wholeSmallest);
/** out = alpha times the sum of magnitudes, in double. */
export const norm1: Reduction = reduction(addition, Math.abs, same);
/** out = alpha times the root of the sum of squares, in double. */
export const norm2: Reduction = reduction(addition, (x) => x * x, Math.sqrt);
/** out = alpha times the largest magnitude, NaN where there is one. */
export const normInf: Reduction = reduction(largest, Math.abs, same);

function pairSum(term: (x: number, y: number) => number): PairSum {
  return (n, alpha, a, b, out) =>
    reduceAxis(
      1,
      n,
      1,
      addition,
      (i) => term(a[i], b[i]),
      (_, total) => {
        out[0] = alpha * total;
      },
    );
}

/** out[0] = alpha times the sum of (a - b)^2, summed in double. */
export const squaredDistance = pairSum((x, y) => (x - y) ** 2);

/** out[0] = alpha times the sum of a b, in double. */
export const dotProduct = pairSum((x, y) => x * y);
