import type { Scale } from './scales.js';

/** A line over an axis, with a band around it. */
export interface Line {
  readonly key: string;
  readonly name: string;
  readonly dash: readonly number[];
  readonly strength: number;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Empty for no band. */
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** A dot on each value. */
  readonly dots: boolean;
}

/** A line down the plot. */
export interface Mark {
  readonly key: string;
  readonly x: number;
  readonly text: string;
  readonly strength: number;
}

export interface Plot {
  readonly width: number;
  readonly height: number;
  readonly x: Scale;
  readonly y: Scale;
  readonly lines: readonly Line[];
  readonly marks: readonly Mark[];
  /** A dotted line across. */
  readonly reference: number | null;
  /** Signs at values: `ring`, or `cross` at the top of the plot. */
  readonly signs: readonly {
    readonly key: string;
    readonly kind: 'ring' | 'cross';
    readonly x: number;
    readonly y: number;
    readonly text: string;
  }[];
}

/** What is left and so on of the area that lines are drawn in, in pixels. */
export const MARGIN = { left: 56, right: 12, top: 10, bottom: 28 } as const;

const color = (key: string) => `var(--run-${key})`;
const short = (pixel: number) => Number(pixel.toFixed(1));

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Text of a plot. */
export const label = (x: number, y: number, text: string, attributes = ''): string =>
  `<text x="${short(x)}" y="${short(y)}" fill="var(--muted)" ${attributes}>${escaped(text)}</text>`;

export const TEXT = 'font-family="system-ui, sans-serif" font-size="12"';

/** From values to pixels. */
export function pixels({ width, height, x, y }: Pick<Plot, 'width' | 'height' | 'x' | 'y'>) {
  const across = width - MARGIN.left - MARGIN.right;
  const down = height - MARGIN.top - MARGIN.bottom;
  return {
    x: (value: number) => MARGIN.left + x.place(value) * across,
    y: (value: number) => height - MARGIN.bottom - y.place(value) * down,
    /** Back again. */
    valueAt: (pixel: number) => x.value((pixel - MARGIN.left) / across),
  };
}

/** What is inside of an SVG element of the plot's size. Colours are properties of the page. */
export function plotMarkup(plot: Plot, id: string): string {
  const { width, height } = plot;
  const clip = `<clipPath id="clip-${id}"><rect x="${MARGIN.left}" y="0" width="${width - MARGIN.left - MARGIN.right}" height="${height - MARGIN.bottom}"/></clipPath>`;
  const inside = [
    ...plot.lines.map((line) => bandOf(line, plot)),
    ...plot.lines.map((line) => lineOf(line, plot)),
    ...plot.marks.map((mark, row) => markOf(mark, row, plot)),
    ...plot.signs.map((sign) => signOf(sign, plot)),
  ].join('');
  return `${clip}<g ${TEXT}>${gridOf(plot)}<g clip-path="url(#clip-${id})">${inside}</g></g>`;
}

function gridOf(plot: Plot): string {
  const { width, height, x, y, reference } = plot;
  const at = pixels(plot);
  const [bottom, right] = [height - MARGIN.bottom, width - MARGIN.right];
  const across = y.ticks.map(({ value, text }) => {
    const pixel = short(at.y(value));
    return `<path d="M${MARGIN.left} ${pixel}H${right}" stroke="var(--grid)"/>${label(MARGIN.left - 8, pixel + 4, text, 'text-anchor="end"')}`;
  });
  let free = Number.NEGATIVE_INFINITY;
  const down = x.ticks.map(({ value, text }) => {
    const pixel = short(at.x(value));
    // Titles that would run into the one before are left out.
    const half = text.length * 3.6;
    const fits = pixel - half > free && pixel + half <= width;
    if (fits) free = pixel + half + 6;
    return `<path d="M${pixel} ${bottom}v5" stroke="var(--rule)"/>${fits ? label(pixel, bottom + 18, text, 'text-anchor="middle"') : ''}`;
  });
  const dotted =
    reference === null || reference < y.from || reference > y.to
      ? ''
      : `<path d="M${MARGIN.left} ${short(at.y(reference))}H${right}" stroke="var(--muted)" stroke-dasharray="3 4"/>`;
  return `${across.join('')}${down.join('')}<path d="M${MARGIN.left} ${bottom}H${right}" stroke="var(--rule)"/>${dotted}`;
}

function bandOf({ key, x, low, high, strength }: Line, plot: Plot): string {
  if (low.length === 0) return '';
  const at = pixels(plot);
  const points = (values: readonly number[]) =>
    values.map((value, index) => `${short(at.x(x[index]))} ${short(at.y(value))}`);
  const around = [...points(high), ...points(low).reverse()].join('L');
  return `<path d="M${around}Z" fill="${color(key)}" fill-opacity="${(0.14 * strength).toFixed(3)}"/>`;
}

function lineOf({ key, dash, x, y, strength, dots }: Line, plot: Plot): string {
  const at = pixels(plot);
  const points = y.map((value, index) => `${short(at.x(x[index]))} ${short(at.y(value))}`);
  if (points.length === 0) return '';
  const line = `<path d="M${points.join('L')}" fill="none" stroke="${color(key)}" stroke-width="2" stroke-linejoin="round" stroke-dasharray="${dash.join(' ')}" opacity="${strength}"/>`;
  const circles = `<path d="${points.map((point) => `M${point}h0`).join('')}" stroke="${color(key)}" stroke-width="6" stroke-linecap="round" opacity="${strength}"/>`;
  return dots ? line + circles : line;
}

/** A line down the plot, and what happened beside it, one below the other. */
function markOf({ key, x, text, strength }: Mark, row: number, plot: Plot): string {
  const pixel = short(pixels(plot).x(x));
  if (pixel < MARGIN.left || pixel > plot.width - MARGIN.right) return '';
  const room = 6 + text.length * 6.2;
  const isLeft = pixel + room > plot.width - MARGIN.right;
  const fits = !isLeft || pixel - room > MARGIN.left;
  const line = `<path d="M${pixel} ${MARGIN.top}V${plot.height - MARGIN.bottom}" stroke="${color(key)}" stroke-dasharray="5 4"/>`;
  const y = MARGIN.top + 12 + 16 * row;
  const said =
    text === '' || !fits || y > plot.height / 2
      ? ''
      : `<text x="${pixel + (isLeft ? -6 : 6)}" y="${y}" fill="${color(key)}" stroke="var(--paper)" stroke-width="3" paint-order="stroke"${isLeft ? ' text-anchor="end"' : ''}>${escaped(text)}</text>`;
  return `<g opacity="${strength}">${line}${said}</g>`;
}

function signOf({ key, kind, x, y, text }: Plot['signs'][number], plot: Plot): string {
  const at = pixels(plot);
  const left = short(at.x(x));
  if (kind === 'cross') {
    return `<path d="M${left - 4} ${MARGIN.top}l8 8m0 -8l-8 8" stroke="${color(key)}" stroke-width="2"/>`;
  }
  return `<circle cx="${left}" cy="${short(at.y(y))}" r="7" fill="none" stroke="${color(key)}" stroke-width="2"/><text x="${left}" y="${short(at.y(y)) + 22}" text-anchor="middle" fill="${color(key)}" stroke="var(--paper)" stroke-width="3" paint-order="stroke">${escaped(text)}</text>`;
}
