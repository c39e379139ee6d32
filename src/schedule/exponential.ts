import { checkOptions, type OptionNames } from '../core/options.js';
import { checkAtLeast } from '../core/validate.js';
import { fromRate, type Schedule } from './schedule.js';

export interface ExponentialOptions {
  /** What every step multiplies the rate by. */
  readonly factor: number;
}

const OPTIONS: OptionNames<ExponentialOptions> = { factor: true };

/** `lr * factor^t`; PyTorch's `ExponentialLR`. */
export function exponential(lr: number, options: ExponentialOptions): Schedule {
  checkAtLeast('lr', lr, 0);
  checkOptions('exponential', options, OPTIONS);
  const { factor } = options;
  checkAtLeast('factor', factor, 0);
  return fromRate((step) => lr * factor ** step);
}
