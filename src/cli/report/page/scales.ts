import { logarithmicTicks, shortNumber } from './numbers.js';

/** Where values lie on an axis: 0 is its beginning, 1 its end. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly place: (value: number) => number;
  readonly value: (place: number) => number;
  readonly ticks: readonly Tick[];
}

export interface Tick {
  readonly value: number;
  readonly text: string;
}

/** Evenly spaced after `forward`, which grows. */
function scale(
  from: number,
  to: number,
  ticks: readonly Tick[],
  forward: (value: number) => number,
  back: (value: number) => number,
): Scale {
  const [low, high] = [forward(from), forward(to)];
  return {
    from,
    to,
    place: (value) => (forward(value) - low) / (high - low),
    value: (place) => back(low + place * (high - low)),
    ticks: ticks.filter(({ value }) => value >= from && value <= to),
  };
}

const told = (values: readonly number[]): Tick[] =>
  values.map((value) => ({ value, text: shortNumber(value) }));

export function linear(from: number, to: number): Scale {
  return scale(
    from,
    to,
    told(evenTicks(from, to)),
    (value) => value,
    (value) => value,
  );
}

export function logarithmic(from: number, to: number): Scale {
  return scale(from, to, told(logarithmicTicks(from, to)), Math.log10, (value) => 10 ** value);
}

const ACCURACY_TICKS = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995];

/** By the share of wrong answers, so that 99 % is as far from 98 % as 98 % is from 96 %; none wrong is at 1 - resolution. */
export function accuracy(from: number, to: number, resolution: number): Scale {
  const stretched = [...ACCURACY_TICKS.filter((tick) => 1 - tick > 1.5 * resolution), 1 - resolution].filter(
    (tick) => tick >= from && tick <= to,
  );
  // Where few of these are in sight, even steps say more.
  const values = stretched.length >= 3 ? stretched : evenTicks(from, Math.min(to, 1 - resolution));
  const ticks = values.map((value) => ({ value, text: accuracyText(value, resolution, 4) }));
  return scale(
    from,
    to,
    ticks,
    (value) => -Math.log10(1 - value),
    (value) => 1 - 10 ** -value,
  );
}

/** An accuracy that may have been moved to where it can be drawn. */
export function accuracyText(value: number, resolution: number, digits: number): string {
  return `${value >= 1 - resolution ? 100 : Number((100 * value).toFixed(digits - 2))} %`;
}

/** Some five round numbers. */
export function evenTicks(low: number, high: number): number[] {
  const rough = (high - low) / 5;
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  // Rounded, as multiples of 0.1 are not what they are called.
  return Array.from({ length: count }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}
