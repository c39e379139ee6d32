/** What stands where there is nothing to show. */
export const NOTHING = '–';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `12,345` */
export const count = (value: number): string => grouped.format(value);

/** `1 thread`, `1,200 steps`, `6 passes` */
export const counted = (value: number, noun: string, plural = `${noun}s`): string =>
  `${count(value)} ${value === 1 ? noun : plural}`;

/** A share as `97.53 %`. */
export const percent = (share: number, digits = 2): string => `${(100 * share).toFixed(digits)} %`;

/** A loss: four decimals, or powers of ten where those would show nothing. */
export function loss(value: number): string {
  return value !== 0 && (value < 0.001 || value >= 10_000) ? value.toExponential(2) : value.toFixed(4);
}

/** A learning rate in its shortest form of at most three digits. */
export function rate(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return rounded !== 0 && rounded < 1e-3 ? rounded.toExponential() : String(rounded);
}

/** `8.4 s`, `1:23 min`, `2:05:00 h` */
export function duration(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60].map(
    String,
  );
  return hours === '0'
    ? `${minutes}:${rest?.padStart(2, '0')} min`
    : `${hours}:${minutes?.padStart(2, '0')}:${rest?.padStart(2, '0')} h`;
}
