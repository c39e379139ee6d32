import { checkOptions, type OptionNames } from '../core/options.js';
import { checkAtLeast, checkInteger } from '../core/validate.js';
import { fromRate, type Schedule } from './schedule.js';

export interface StepDecayOptions {
  /** Steps between two decays. */
  readonly every: number;
  /** What each decay multiplies the rate by. Default 0.1. */
  readonly factor?: number;
}

const OPTIONS: OptionNames<StepDecayOptions> = { every: true, factor: true };

/** `lr * factor^floor(t / every)`; PyTorch's `StepLR`. */
export function stepDecay(lr: number, options: StepDecayOptions): Schedule {
  checkAtLeast('lr', lr, 0);
  checkOptions('stepDecay', options, OPTIONS);
  const { every, factor = 0.1 } = options;
  checkInteger('every', every, 1);
  checkAtLeast('factor', factor, 0);
  return fromRate((step) => lr * factor ** Math.floor(step / every));
}
