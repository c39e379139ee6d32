import { MovingAverage } from '../compare/moving-average.js';

/** Each value averaged with those before it, over about `window` values. */
export function smooth(values: readonly number[], window: number): number[] {
  const average = new MovingAverage(window);
  return values.map((value) => average.add(value));
}

/** At most `limit` of the indices 0 ... n - 1, evenly spread, the last one included. */
export function spread(n: number, limit: number): number[] {
  if (n <= limit) return Array.from({ length: n }, (_, index) => index);
  return Array.from({ length: limit }, (_, index) => Math.round((index * (n - 1)) / (limit - 1)));
}
