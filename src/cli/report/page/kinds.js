import { logarithmicTicks, shortNumber } from './numbers.js';

/** @import { PageData, PageRun } from '../page-types.js' */

/**
 * One kind of chart.
 * @typedef {object} ChartKind
 * @property {(run: PageRun, data: PageData) => { steps: readonly number[], values: readonly number[], faint?: readonly number[] }} series
 * @property {(data: PageData) => uPlot.Scale} scale
 * @property {(low: number, high: number, data: PageData) => number[]} ticks
 * @property {(value: number, data: PageData) => string} tick a value on the axis
 * @property {(value: number, data: PageData) => string} format a value in the box that follows the pointer
 * @property {boolean} tellsEvents whether the events of a run are told in words
 * @property {((data: PageData) => number)=} reference a dotted line across
 */

const ACCURACY_TICKS = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995];

/** What an accuracy was before it was moved to where it can be drawn: no wrong answers are infinitely far up. */
const accuracyInPercent = (/** @type {number} */ value, /** @type {PageData} */ { resolution }) =>
  value >= 1 - resolution ? 100 : 100 * value;

/** The range of an axis while all runs are switched off. */
const NOTHING_IN_SIGHT = /** @type {uPlot.Range.MinMax} */ ([0.1, 0.9]);

/** A scale as long as its values, with a little room at both ends. */
const logarithmic = () => ({
  distr: /** @type {const} */ (3),
  log: /** @type {const} */ (10),
  range: (/** @type {uPlot} */ _, /** @type {number | null} */ low, /** @type {number} */ high) =>
    /** @type {uPlot.Range.MinMax} */ (low === null ? NOTHING_IN_SIGHT : [low / 1.4, high * 1.4]),
});

/** @type {Record<string, ChartKind>} */
export const chartKinds = {
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
      range: (_, low, high) =>
        low === null ? NOTHING_IN_SIGHT : [1 - (1 - low) * 1.1, 1 - (1 - high) / 1.25],
    }),
    ticks: (low, high, { resolution }) =>
      [...ACCURACY_TICKS.filter((tick) => 1 - tick > 1.5 * resolution), 1 - resolution].filter(
        (tick) => tick >= low && tick <= high,
      ),
    tick: (value, data) => `${Number(accuracyInPercent(value, data).toPrecision(6))} %`,
    format: (value, data) => `${accuracyInPercent(value, data).toFixed(2)} %`,
    tellsEvents: false,
    reference: ({ targetAccuracy }) => targetAccuracy,
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
