import { isVoid, ratio, type Timing } from './measure.js';
import type { Spread } from './statistics.js';

/** Absent, or without such a function. */
export const NOTHING = '-';

/** Kept more processors busy than its threads. */
const VOID = 'void';

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

/** {@link speedText} of what may be absent or void. */
export function timingText(timing: Timing | undefined, unit?: number): string {
  if (timing === undefined) return NOTHING;
  return isVoid(timing) ? VOID : speedText(timing.speed, unit);
}

/** How much faster the first is, where there are both. */
export function comparedText(ours: Timing | undefined, theirs: Timing | undefined): string {
  return textOf(ours, theirs, ratioText);
}

/** What share of the second the first reaches, in percent. */
export function shareText(ours: Timing | undefined, limit: Timing | undefined): string {
  return textOf(ours, limit, (share) => `${Math.round(100 * share)}%`);
}

/** Processor time over wall time. */
export function processorsText(timing: Timing | undefined): string {
  return timing === undefined ? NOTHING : timing.processors.toFixed(2);
}

export function threadText(count: number): string {
  return count === 1 ? '1 thread' : `${count} threads`;
}

function textOf(
  ours: Timing | undefined,
  theirs: Timing | undefined,
  text: (ratio: number) => string,
): string {
  if (ours === undefined || theirs === undefined) return NOTHING;
  const found = ratio(ours, theirs);
  return found === undefined ? VOID : text(found.median);
}
