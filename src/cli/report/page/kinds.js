import { logarithmicTicks, shortNumber } from './numbers.js';

/** @import { PageData, PageRun } from '../page-types.js' */

/**
 * One kind of chart.
 * @typedef {object} ChartKind
 * @property {(run: PageRun) => { steps: readonly number[], values: readonly number[], faint?: readonly number[] }} series
 * @property {(data: PageData) => uPlot.Scale} scale
 * @property {(low: number, high: number, data: PageData) => number[]} ticks
 * @property {(value: number) => string} tick a value on the axis
 * @property {(value: number) => string} format a value in the box that follows the pointer
 * @property {boolean} tellsEvents whether the events of a run are told in words
 * @property {((data: PageData) => number)=} reference a dotted line across
 */

const ACCURACY_TICKS = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995];

/** A scale as long as its values, with a little room at both ends. */
const logarithmic = () => ({
  distr: /** @type {const} */ (3),
  log: /** @type {const} */ (10),
  range: (/** @type {uPlot} */ _, /** @type {number} */ low, /** @type {number} */ high) =>
    /** @type {uPlot.Range.MinMax} */ ([low / 1.25, high * 1.25]),
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
    series: ({ evaluations }) => ({ steps: evaluations.steps, values: evaluations.accuracies }),
    // By the share of wrong answers, so that 99 % is as far from 98 % as 98 % is from 96 %.
    scale: ({ resolution }) => ({
      distr: 100,
      fwd: (value) => -Math.log10(Math.max(1 - value, resolution)),
      bwd: (value) => 1 - 10 ** -value,
      range: (_, low, high) => [1 - (1 - low) * 1.1, 1 - Math.max(1 - high, resolution) / 1.25],
    }),
    ticks: (low, high) => ACCURACY_TICKS.filter((tick) => tick >= low && tick <= high),
    tick: (value) => `${Number((100 * value).toPrecision(6))} %`,
    format: (value) => `${(100 * value).toFixed(2)} %`,
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
