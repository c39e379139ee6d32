/**
 * Each value averaged with those before it, over about `window` values; at first over a fifth of those so far, as the
 * beginning is where the values change fastest.
 */
export function smooth(values: readonly number[], window: number): number[] {
  let average = 0;
  return values.map((value, index) => {
    average += (value - average) / Math.max(1, Math.min(window, 1 + index / 5));
    return average;
  });
}

/** At most `limit` of the indices 0 ... n - 1, evenly spread, the last one included. */
export function spread(n: number, limit: number): number[] {
  if (n <= limit) return Array.from({ length: n }, (_, index) => index);
  return Array.from({ length: limit }, (_, index) => Math.round((index * (n - 1)) / (limit - 1)));
}
