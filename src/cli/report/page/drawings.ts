import type { Curve, Measure, PageConfiguration, PageData } from '../page-types.js';
import type { Cell } from './csv.js';
import { lastAtMost, shortNumber } from './numbers.js';
import type { Line, Plot } from './plot.js';
import { accuracy, accuracyText, linear, logarithmic, type Scale } from './scales.js';
import { type Axis, strengthOf, view } from './view.js';

/** A figure of lines: what it draws at the moment, and what can be read from it. */
export interface Drawing {
  readonly plot: (width: number, height: number) => Plot;
  /** The values at a place of the axis, the largest first. */
  readonly readings: (
    at: number,
  ) => readonly { readonly key: string; readonly name: string; readonly text: string }[];
  /** What the place is called. */
  readonly place: (at: number) => string;
  readonly rows: () => readonly (readonly Cell[])[];
  readonly canZoom: boolean;
}

/** Steps on the axis that was chosen. */
export function positionOf(
  step: number,
  { batch }: PageConfiguration,
  trainRows: number,
  axis: Axis,
): number {
  if (axis === 'pass') return (step * batch) / trainRows;
  return axis === 'log' ? Math.max(step, 1) : step;
}

/** The range of an axis while nothing is in sight. */
const NOTHING_IN_SIGHT: readonly [number, number] = [0.1, 0.9];

/** The least and the largest. */
function extent(values: Iterable<number>): readonly [number, number] | null {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : null;
}

/** The axis of a measure: as long as its values, with a little room at both ends. */
function upright(
  measure: Measure,
  range: readonly [number, number] | null,
  { metric, resolution }: PageData,
): Scale {
  const [low, high] = range ?? NOTHING_IN_SIGHT;
  if (measure === 'loss' || measure === 'testLoss' || measure === 'rate')
    return logarithmic(low / 1.3, high * 1.3);
  if (metric === 'accuracy') return accuracy(1 - (1 - low) * 1.1, 1 - (1 - high) / 1.25, resolution);
  const room = 0.06 * Math.max(high - low, 0.01);
  return linear(low - room, high + room);
}

/** A measure of all configurations over their steps. */
export function curveDrawing(measure: Measure, data: PageData): Drawing {
  const isAccuracy = data.metric === 'accuracy' && (measure === 'trainMetric' || measure === 'testMetric');
  const drawable = (value: number) => (isAccuracy ? Math.min(value, 1 - data.resolution) : value);
  const visible = () => data.configurations.filter(({ key }) => !view.hidden.has(key));
  const lines = () =>
    visible()
      .map((configuration) => lineOf(configuration, configuration.curves[measure]))
      // What is pointed at lies above the others.
      .sort((a, b) => a.strength - b.strength);
  const lineOf = (configuration: PageConfiguration, { steps, median, low, high }: Curve): Line => ({
    key: configuration.key,
    name: configuration.name,
    dash: configuration.dash,
    strength: strengthOf(configuration.key),
    x: steps.map((step) => positionOf(step, configuration, data.trainRows, view.axis)),
    y: median.map(drawable),
    low: low.map(drawable),
    high: high.map(drawable),
    dots: steps.length <= 20,
  });
  return {
    canZoom: true,
    plot(width, height) {
      const drawn = lines();
      const x = across(data);
      const inSight = drawn.flatMap((line) =>
        line.y.filter((_, i) => line.x[i] >= x.from && line.x[i] <= x.to),
      );
      return {
        width,
        height,
        x,
        y: upright(measure, extent(inSight), data),
        lines: drawn,
        marks: visible().flatMap((configuration) =>
          configuration.events.map(({ step, text }) => ({
            key: configuration.key,
            x: positionOf(step, configuration, data.trainRows, view.axis),
            text: measure === 'loss' ? text : '',
            strength: strengthOf(configuration.key),
          })),
        ),
        reference: measure === 'testMetric' ? data.goal : null,
        signs: [],
      };
    },
    readings: (at) =>
      lines()
        .flatMap((line) => {
          const index = lastAtMost(line.x, at);
          return index < 0 ? [] : [{ key: line.key, name: line.name, value: line.y[index] }];
        })
        .sort((a, b) => b.value - a.value)
        .map(({ key, name, value }) => ({
          key,
          name,
          text: isAccuracy ? accuracyText(value, data.resolution, 4) : shortNumber(value),
        })),
    place: (at) => (view.axis === 'pass' ? `Passes ${at.toFixed(2)}` : `Step ${Math.round(at)}`),
    rows: () => [
      ['configuration', 'step', 'median', 'low', 'high'],
      ...visible().flatMap(({ name, curves }) => {
        const { steps, median, low, high } = curves[measure];
        return steps.map((step, i) => [name, step, median[i], low[i] ?? null, high[i] ?? null]);
      }),
    ],
  };
}

/** Steps or passes: from the very first to the very last of what is shown, until the reader zooms in. */
function across(data: PageData): Scale {
  const shown = data.configurations.filter(({ key }) => !view.hidden.has(key));
  const ends = shown.map((configuration) =>
    positionOf(configuration.curves.loss.steps.at(-1) ?? 1, configuration, data.trainRows, view.axis),
  );
  const first = view.axis === 'log' ? 1 : 0;
  // An axis needs a length, even for a single step.
  const [from, to] = view.zoom ?? [first, Math.max(first + 1, ...ends)];
  return view.axis === 'log' ? logarithmic(Math.max(from, 1e-3), to) : linear(from, to);
}

/** The validation loss over the rates that were tried. */
export function tuningDrawing({ tuned }: PageData): Drawing {
  const lines = tuned.map(({ key, name, dash, rates, losses }): Line => {
    const points = rates.flatMap((x, index) => {
      const y = losses[index];
      return y === null ? [] : [{ x, y }];
    });
    const [x, y] = [points.map((point) => point.x), points.map((point) => point.y)];
    return { key, name, dash, strength: 1, x, y, low: [], high: [], dots: true };
  });
  const rates = tuned.flatMap((line) => line.rates);
  const rings = lines.flatMap(({ key, name, x, y }) => {
    const best = y.indexOf(Math.min(...y));
    return best < 0 ? [] : [{ key, kind: 'ring' as const, x: x[best], y: y[best], text: name }];
  });
  const crosses = tuned.flatMap(({ key, rates, losses }) =>
    rates
      .filter((_, index) => losses[index] === null)
      .map((x) => ({ key, kind: 'cross' as const, x, y: 0, text: '' })),
  );
  return {
    canZoom: false,
    plot(width, height) {
      const [low, high] = extent(rates) ?? NOTHING_IN_SIGHT;
      const [least, most] = extent(lines.flatMap(({ y }) => y)) ?? NOTHING_IN_SIGHT;
      return {
        width,
        height,
        x: logarithmic(low / 1.3, high * 1.3),
        y: logarithmic(least / 1.5, most * 1.4),
        lines,
        marks: [],
        reference: null,
        signs: [...rings, ...crosses],
      };
    },
    readings: (at) =>
      lines
        .flatMap(({ key, name, x, y }) => {
          const distance = (rate: number) => Math.abs(Math.log(rate / at));
          const near = x.reduce((best, rate, i) => (distance(rate) < distance(x[best]) ? i : best), 0);
          return x.length === 0 ? [] : [{ key, name, value: y[near], at: x[near] }];
        })
        .sort((a, b) => b.value - a.value)
        .map(({ key, name, value, at }) => ({
          key,
          name: `${name} at ${shortNumber(at)}`,
          text: shortNumber(value),
        })),
    place: (at) => `Rate ${shortNumber(at)}`,
    rows: () => [
      ['optimizer', 'rate', 'validation loss'],
      ...tuned.flatMap(({ name, rates, losses }) => rates.map((rate, i) => [name, rate, losses[i]])),
    ],
  };
}
