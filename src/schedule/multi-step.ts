import { checkOptions, type OptionNames } from '../core/options.js';
import { checkAtLeast } from '../core/validate.js';
import { checkMilestones, fromRate, type Schedule } from './schedule.js';

export interface MultiStepOptions {
  /** The steps from which on the rate is multiplied once more, in increasing order. */
  readonly at: readonly number[];
  /** What each milestone multiplies the rate by. Default 0.1. */
  readonly factor?: number;
}

const OPTIONS: OptionNames<MultiStepOptions> = { at: true, factor: true };

/** `lr * factor^(milestones reached)`; PyTorch's `MultiStepLR`. */
export function multiStep(lr: number, options: MultiStepOptions): Schedule {
  checkAtLeast('lr', lr, 0);
  checkOptions('multiStep', options, OPTIONS);
  const { at, factor = 0.1 } = options;
  checkMilestones('at', at);
  checkAtLeast('factor', factor, 0);
  const milestones = [...at];
  return fromRate((step) => lr * factor ** milestones.filter((milestone) => milestone <= step).length);
}
