import type { ReductionBackward, SumBackward } from '../../contract/arguments.js';

// The gradients of reductions by what they reduce. Mirror: native/matrix/reduction-gradients.h.
// The two agree to 8 units in the last place.

/** dx = alpha dy, the same for all elements of a line, plus dx where `accumulate` is 1. */
export const sumBackward: SumBackward = (outer, count, inner, accumulate, alpha, dy, dx) => {
  for (let o = 0, i = 0; o < outer; o++) {
    for (let r = 0; r < count; r++) {
      for (let c = 0; c < inner; c++, i++) {
        const slope = alpha * dy[o * inner + c];
        dx[i] = accumulate ? dx[i] + slope : slope;
      }
    }
  }
};

/** dx = slope(x, y) scale(dy, y, ties) with the sum of tie(x, y) over the line: how many elements share its gradient. */
function gradient(
  slope: (x: number, y: number) => number,
  scale: (dy: number, y: number, ties: number) => number,
  tie: (x: number, y: number) => number = () => 0,
): ReductionBackward {
  return (outer, count, inner, accumulate, x, y, dy, dx) => {
    for (let line = 0; line < outer * inner; line++) {
      const start = Math.floor(line / inner) * count * inner + (line % inner);
      const end = start + count * inner;
      let ties = 0;
      for (let i = start; i < end; i += inner) ties += tie(x[i], y[line]);
      const factor = scale(dy[line], y[line], ties);
      for (let i = start; i < end; i += inner) {
        const value = factor * slope(x[i], y[line]);
        dx[i] = accumulate ? dx[i] + value : value;
      }
    }
  };
}

const share = (dy: number, _: number, ties: number) => (ties === 0 ? 0 : dy / ties);
const isEqual = (a: number, b: number) => (a > b || b > a ? 0 : 1);
const isAsLarge = (x: number, y: number) => isEqual(Math.abs(x), y);

/** Of amax and amin: dy, divided among the elements that are as large, or as small. */
export const extremeBackward: ReductionBackward = gradient(isEqual, share, isEqual);
/** dy sign(x) */
export const norm1Backward: ReductionBackward = gradient(Math.sign, (dy) => dy);
/** dy x / y, and 0 where y is 0. */
export const norm2Backward: ReductionBackward = gradient(
  (x) => x,
  (dy, y) => (y === 0 ? 0 : dy / y),
);
/** dy sign(x), divided among the elements of the largest magnitude. */
export const normInfBackward: ReductionBackward = gradient(
  (x, y) => isAsLarge(x, y) * Math.sign(x),
  share,
  isAsLarge,
);

/**
 * dy times the product of all others: with one zero that zero alone has a gradient, with more of them there is none.
 */
export const prodBackward: ReductionBackward = (outer, count, inner, accumulate, x, _y, dy, dx) => {
  for (let line = 0; line < outer * inner; line++) {
    const start = Math.floor(line / inner) * count * inner + (line % inner);
    const end = start + count * inner;
    let product = 1;
    let zeros = 0;
    for (let i = start; i < end; i += inner) {
      if (x[i] === 0) zeros++;
      else product *= x[i];
    }
    product *= dy[line];
    for (let i = start; i < end; i += inner) {
      const whole = zeros === 0 ? product / x[i] : 0;
      const others = x[i] === 0 && zeros === 1 ? product : whole;
      dx[i] = accumulate ? dx[i] + others : others;
    }
  }
};
