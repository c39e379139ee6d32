import type { Spread } from './statistics.js';

/** Two decimals where they matter. */
export function ratioText(ratio: number): string {
  return ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(0);
}

export function spreadText({ median, low, high }: Spread): string {
  return `${ratioText(median)} (${ratioText(low)} to ${ratioText(high)})`;
}

/** Work a second in this unit, by default billions, and half of the distance between the quartiles. */
export function speedText({ median, low, high }: Spread, unit = 1e9): string {
  const share = Math.round((50 * (high - low)) / median);
  return `${Number((median / unit).toPrecision(3))} ±${`${share}%`.padStart(3)}`;
}

export function threadText(count: number): string {
  return count === 1 ? '1 thread' : `${count} threads`;
}
