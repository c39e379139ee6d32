import { checkOptions, type OptionNames } from '../core/options.js';
import { checkAtLeast, checkInteger } from '../core/validate.js';
import { fromRate, type Schedule } from './schedule.js';

export interface PolynomialOptions {
  /** Steps until the rate is 0; it stays there. */
  readonly steps: number;
  /** The exponent; 1 is a straight line. Default 1. */
  readonly power?: number;
}

const OPTIONS: OptionNames<PolynomialOptions> = { steps: true, power: true };

/** `lr * (1 - t / steps)^power`, then 0; PyTorch's `PolynomialLR`. */
export function polynomial(lr: number, options: PolynomialOptions): Schedule {
  checkAtLeast('lr', lr, 0);
  checkOptions('polynomial', options, OPTIONS);
  const { steps, power = 1 } = options;
  checkInteger('steps', steps, 1);
  checkAtLeast('power', power, 0);
  return fromRate((step) => (step >= steps ? 0 : lr * (1 - step / steps) ** power));
}
