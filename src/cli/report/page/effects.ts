import type { Effect, PageData, Spread } from '../page-types.js';
import type { Cell } from './csv.js';
import { label, TEXT } from './plot.js';
import { accuracy, linear, type Scale } from './scales.js';

/** Pixels for a level, and for the axis below them. */
const ROW = 40;
const AXIS = 28;
const ROOM = 12;
/** Half of what the number at a tick takes. */
const HALF_LABEL = 20;

export const effectHeight = ({ levels }: Effect): number => levels.length * ROW + AXIS + 8;

/** The levels of a factor one below the other, what they lead to across. */
export function effectMarkup(effect: Effect, data: PageData, width: number): string {
  const left = Math.min(0.4 * width, 24 + 7.4 * Math.max(...effect.levels.map(({ name }) => name.length)));
  const height = effectHeight(effect);
  const scale = acrossOf(effect, data);
  const at = (value: number) => left + scale.place(value) * (width - left - ROOM);
  const drawable = (value: number) =>
    data.metric === 'accuracy' ? Math.min(value, 1 - data.resolution) : value;
  let free = Number.NEGATIVE_INFINITY;
  const ticks = scale.ticks.map(({ value, text }) => {
    const x = at(value);
    const fits = x - HALF_LABEL > free;
    if (fits) free = x + HALF_LABEL;
    const told = fits ? label(Math.min(x, width - HALF_LABEL), height - 8, text, 'text-anchor="middle"') : '';
    return `<path d="M${x.toFixed(1)} 4V${height - AXIS}" stroke="var(--grid)"/>${told}`;
  });
  const rows = effect.levels.map(({ name, train, test }, row) => {
    const y = row * ROW + ROW / 2;
    return `${label(left - 12, y + 4, name, 'text-anchor="end" class="level"')}${spread(train, y - 6, false)}${spread(test, y + 6, true)}`;
  });
  function spread({ values, median, low, high }: Spread, y: number, isFilled: boolean): string {
    if (values.length === 0) return '';
    const x = (value: number) => at(drawable(value)).toFixed(1);
    const fill = isFilled ? 'var(--accent)' : 'var(--paper)';
    const dots = values.map((value) => `<circle cx="${x(value)}" cy="${y}" r="2" fill="var(--muted)"/>`);
    return `<path d="M${x(low)} ${y}H${x(high)}" stroke="var(--accent)" stroke-width="2"/>${dots.join('')}<circle cx="${x(median)}" cy="${y}" r="5" fill="${fill}" stroke="var(--accent)" stroke-width="2"/>`;
  }
  return `<g ${TEXT}>${ticks.join('')}${rows.join('')}</g>`;
}

function acrossOf({ levels }: Effect, { metric, resolution }: PageData): Scale {
  const values = levels.flatMap(({ train, test }) => [...train.values, ...test.values]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (metric === 'accuracy') {
    const top = Math.min(high, 1 - resolution);
    return accuracy(1 - (1 - low) * 1.1, 1 - (1 - top) / 1.2, resolution);
  }
  const room = 0.06 * Math.max(high - low, 0.01);
  return linear(low - room, high + room);
}

export function effectRows({ factor, levels }: Effect): (readonly Cell[])[] {
  return [
    [factor, 'rows', 'median', 'low', 'high', 'seeds'],
    ...levels.flatMap(({ name, train, test }) =>
      [['train', train] as const, ['test', test] as const].map(([rows, { median, low, high, values }]) => [
        name,
        rows,
        median,
        low,
        high,
        values.join(' '),
      ]),
    ),
  ];
}
