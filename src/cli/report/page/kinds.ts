import type uPlot from 'uplot';
import type { PageData, PageRun } from '../page-types.js';
import { logarithmicTicks, shortNumber } from './numbers.js';

/** What a chart draws of a run. */
interface Values {
  readonly steps: readonly number[];
  readonly values: readonly number[];
  /** Drawn faintly behind them. */
  readonly faint?: readonly number[];
}

/** One kind of chart. */
export interface ChartKind {
  series(run: PageRun, data: PageData): Values;
  scale(data: PageData): uPlot.Scale;
  ticks(low: number, high: number, data: PageData): number[];
  /** A value on the axis. */
  tick(value: number, data: PageData): string;
  /** A value in the box that follows the pointer. */
  format(value: number, data: PageData): string;
  /** Whether the events of a run are told in words. */
  readonly tellsEvents: boolean;
  /** A dotted line across. */
  reference?(data: PageData): number;
}

const ACCURACY_TICKS = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995];

/** What an accuracy was before it was moved to where it can be drawn: no wrong answers are infinitely far up. */
const accuracyInPercent = (value: number, { resolution }: PageData) =>
  value >= 1 - resolution ? 100 : 100 * value;

/** The range of an axis while all runs are switched off: uPlot then knows no values, whatever its types say. */
const NOTHING_IN_SIGHT: uPlot.Range.MinMax = [0.1, 0.9];

/** A scale as long as its values, with a little room at both ends. */
const logarithmic = (): uPlot.Scale => ({
  distr: 3,
  log: 10,
  range: (_, low: number | null, high) => (low === null ? NOTHING_IN_SIGHT : [low / 1.4, high * 1.4]),
});

export const chartKinds: Readonly<Record<string, ChartKind>> = {
  loss: {
    series: ({ training }) => ({ steps: training.steps, values: training.smoothed, faint: training.losses }),
    scale: logarithmic,
    ticks: logarithmicTicks,
    tick: shortNumber,
    format: shortNumber,
    tellsEvents: true,
  },
  accuracy: {
    series: ({ evaluations }, { resolution }) => ({
      steps: evaluations.steps,
      values: evaluations.accuracies.map((value) => Math.min(value, 1 - resolution)),
    }),
    // By the share of wrong answers, so that 99 % is as far from 98 % as 98 % is from 96 %.
    scale: () => ({
      distr: 100,
      fwd: (value) => -Math.log10(1 - value),
      bwd: (value) => 1 - 10 ** -value,
      range: (_, low: number | null, high) =>
        low === null ? NOTHING_IN_SIGHT : [1 - (1 - low) * 1.1, 1 - (1 - high) / 1.25],
    }),
    ticks: (low, high, { resolution }) =>
      [...ACCURACY_TICKS.filter((tick) => 1 - tick > 1.5 * resolution), 1 - resolution].filter(
        (tick) => tick >= low && tick <= high,
      ),
    tick: (value, data) => `${Number(accuracyInPercent(value, data).toPrecision(6))} %`,
    format: (value, data) => `${accuracyInPercent(value, data).toFixed(2)} %`,
    tellsEvents: false,
    reference: ({ goalAccuracy }) => goalAccuracy,
  },
  rate: {
    series: ({ training }) => ({ steps: training.steps, values: training.rates }),
    scale: logarithmic,
    ticks: logarithmicTicks,
    tick: shortNumber,
    format: shortNumber,
    tellsEvents: false,
  },
};
