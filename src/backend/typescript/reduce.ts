import type { FloatArray } from '../../core/types.js';

// Sums in double whose order is a function of the length alone, so that every target and any number of threads give
// the same bits: 64 virtual lanes (element i goes to lane i mod 64) folded in halves, over chunks of 4096 elements
// whose sums are added in a fixed pairwise tree. Mirror: native/simd/reduce.h.

export const REDUCTION_CHUNK = 4096;
export const REDUCTION_LANES = 64;

const lanes = new Float64Array(REDUCTION_LANES);

const add = (a: number, b: number) => a + b;

/** How two numbers become one, and the number that changes nothing. */
export interface Join {
  readonly neutral: number;
  join(a: number, b: number): number;
}

export const addition: Join = { neutral: 0, join: add };

/** Folds 64 lanes in halves, in place, and returns what is left: the sum. */
export function foldLanes(numbers: Float64Array, join = add): number {
  for (let half = REDUCTION_LANES / 2; half >= 1; half /= 2) {
    for (let i = 0; i < half; i++) numbers[i] = join(numbers[i], numbers[i + half]);
  }
  return numbers[0];
}

/** The sum of x[start .. start + length) over the lanes. */
export function laneSum(x: FloatArray, start: number, length: number): number {
  lanes.fill(0);
  for (let i = 0; i < length; i++) lanes[i % REDUCTION_LANES] += x[start + i];
  return foldLanes(lanes);
}

/** The sum of the products of a[aStart ..] and b[bStart ..], `length` elements of each, over the lanes. */
export function laneDot(
  a: FloatArray,
  aStart: number,
  b: FloatArray,
  bStart: number,
  length: number,
): number {
  lanes.fill(0);
  for (let i = 0; i < length; i++) lanes[i % REDUCTION_LANES] += a[aStart + i] * b[bStart + i];
  return foldLanes(lanes);
}

/** The sum of x[start + i] - center over the lanes. */
export function laneDeviationSum(x: FloatArray, start: number, length: number, center: number): number {
  lanes.fill(0);
  for (let i = 0; i < length; i++) lanes[i % REDUCTION_LANES] += x[start + i] - center;
  return foldLanes(lanes);
}

/** The sum of (x[start + i] - center)^2 over the lanes. */
export function laneSquaredDeviations(x: FloatArray, start: number, length: number, center: number): number {
  lanes.fill(0);
  for (let i = 0; i < length; i++) {
    const deviation = x[start + i] - center;
    lanes[i % REDUCTION_LANES] += deviation * deviation;
  }
  return foldLanes(lanes);
}

/**
 * The sum of a[start + i] b[i] (x[start + i] - center) over the lanes: layer normalisation's, whose `b` is one row for
 * all rows.
 */
export function laneDeviationDot(
  a: FloatArray,
  b: FloatArray,
  x: FloatArray,
  start: number,
  length: number,
  center: number,
): number {
  lanes.fill(0);
  for (let i = 0; i < length; i++) {
    lanes[i % REDUCTION_LANES] += a[start + i] * b[i] * (x[start + i] - center);
  }
  return foldLanes(lanes);
}

/** partial(first .. first + count) joined in the fixed pairwise tree. */
export function joinPairs(
  first: number,
  count: number,
  operation: Join,
  partial: (index: number) => number,
): number {
  if (count === 0) return operation.neutral;
  if (count === 1) return partial(first);
  // The largest power of two below `count`: what the rounds of pairs leave on the left of the last one.
  const left = 2 ** (31 - Math.clz32(count - 1));
  return operation.join(
    joinPairs(first, left, operation, partial),
    joinPairs(first + left, count - left, operation, partial),
  );
}

/** The sum of partial(first .. first + count), in the fixed pairwise tree. */
export function sumTree(first: number, count: number, partial: (index: number) => number): number {
  return joinPairs(first, count, addition, partial);
}
