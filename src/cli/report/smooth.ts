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
