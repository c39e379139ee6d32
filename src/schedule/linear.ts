import { checkOptions, type OptionNames } from '../core/options.js';
import { checkAtLeast, checkInteger } from '../core/validate.js';
import { linearAnneal } from './anneal.js';
import { fromRate, type Schedule } from './schedule.js';

export interface LinearOptions {
  /** The factor of `lr` at step 0. Default 1/3. */
  readonly from?: number;
  /** The factor of `lr` from step `steps` on. Default 1. */
  readonly to?: number;
  /** Steps from one factor to the other. */
  readonly steps: number;
}

const OPTIONS: OptionNames<LinearOptions> = { from: true, to: true, steps: true };

/** `lr * (from + (to - from) * t / steps)`, then `lr * to`; PyTorch's `LinearLR`. */
export function linear(lr: number, options: LinearOptions): Schedule {
  checkAtLeast('lr', lr, 0);
  checkOptions('linear', options, OPTIONS);
  const { from = 1 / 3, to = 1, steps } = options;
  checkAtLeast('from', from, 0);
  checkAtLeast('to', to, 0);
  checkInteger('steps', steps, 1);
  return fromRate((step) => lr * (step >= steps ? to : linearAnneal(from, to, step / steps)));
}
