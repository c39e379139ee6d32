import type { FloatArray } from '../../core/types.js';
import { foldLanes, REDUCTION_LANES } from '../contract/reduction-order.js';

// Sums over the lanes. Mirror: native/simd/reduce.h.

const lanes = new Float64Array(REDUCTION_LANES);

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
