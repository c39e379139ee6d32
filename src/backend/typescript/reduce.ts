import type { FloatArray } from '../../types.js';

// Sums in double whose order is a function of the length alone, so that every target and any number of threads give
// the same bits: 64 virtual lanes (element i goes to lane i mod 64) folded in halves, over chunks of 4096 elements
// whose sums are added in a fixed pairwise tree. Mirror: native/simd/reduce.h.

export const REDUCTION_CHUNK = 4096;
export const REDUCTION_LANES = 64;

const lanes = new Float64Array(REDUCTION_LANES);

const add = (a: number, b: number) => a + b;

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

/** The sum of (a[i] - b[i])^2 over [start, start + length), over the lanes. */
export function laneSquaredDistance(a: FloatArray, b: FloatArray, start: number, length: number): number {
  lanes.fill(0);
  for (let i = start; i < start + length; i++) {
    const difference = a[i] - b[i];
    lanes[(i - start) % REDUCTION_LANES] += difference * difference;
  }
  return foldLanes(lanes);
}

/**
 * Adds what `sumOf(start, length)` gives for each chunk of [0, count): neighbours in pairs, then the pairs, and so on; an odd one
 * out waits for the next round.
 */
export function sumChunks(count: number, sumOf: (start: number, length: number) => number): number {
  return sumTree(0, Math.ceil(count / REDUCTION_CHUNK), (chunk) => {
    const start = chunk * REDUCTION_CHUNK;
    return sumOf(start, Math.min(REDUCTION_CHUNK, count - start));
  });
}

/** The sum of partial(first .. first + count), in the fixed pairwise tree. */
export function sumTree(first: number, count: number, partial: (index: number) => number): number {
  if (count === 0) return 0;
  if (count === 1) return partial(first);
  // The largest power of two below `count`: what the rounds of pairs leave on the left of the last addition.
  const left = 2 ** (31 - Math.clz32(count - 1));
  return sumTree(first, left, partial) + sumTree(first + left, count - left, partial);
}
