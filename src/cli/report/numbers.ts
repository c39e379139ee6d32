import * as format from '../../text/format.js';

/** How a metric is told: an accuracy in percent, R² as a number. */
export const percentOr =
  (metric: 'accuracy' | 'r2') =>
  (value: number): string =>
    metric === 'accuracy' ? format.percent(value) : value.toFixed(4);

/** How a difference of metrics is told, with its sign. */
export const signedPercentOr =
  (metric: 'accuracy' | 'r2') =>
  (value: number): string => {
    const sign = value < 0 ? '−' : '+';
    return metric === 'accuracy'
      ? `${sign}${(100 * Math.abs(value)).toFixed(2)}`
      : `${sign}${Math.abs(value).toFixed(4)}`;
  };
