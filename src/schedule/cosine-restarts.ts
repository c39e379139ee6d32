import { checkOptions, type OptionNames } from '../core/options.js';
import { checkAtLeast, checkInteger } from '../core/validate.js';
import { cosineAnneal } from './anneal.js';
import { fromRate, type Schedule } from './schedule.js';

export interface CosineRestartsOptions {
  /** Steps in the first cycle. */
  readonly first: number;
  /** How many times longer each cycle is than the one before: an integer. Default 1. */
  readonly multiplier?: number;
  /** The rate that every cycle falls towards. Default 0. */
  readonly min?: number;
}

const OPTIONS: OptionNames<CosineRestartsOptions> = { first: true, multiplier: true, min: true };

/**
 * Cosine cycles that start again at `lr` (Loshchilov and Hutter 2017, SGDR, equation 5); PyTorch's
 * `CosineAnnealingWarmRestarts`.
 */
export function cosineRestarts(lr: number, options: CosineRestartsOptions): Schedule {
  checkAtLeast('lr', lr, 0);
  checkOptions('cosineRestarts', options, OPTIONS);
  const { first, multiplier = 1, min = 0 } = options;
  checkInteger('first', first, 1);
  checkInteger('multiplier', multiplier, 1);
  checkAtLeast('min', min, 0);
  return fromRate((step) => cosineAnneal(lr, min, cycleProgress(step, first, multiplier)));
}

/** How far the cycle at `step` has gone, in [0, 1). Found without a logarithm, whose rounding would move a restart. */
function cycleProgress(step: number, first: number, multiplier: number): number {
  if (multiplier === 1) return (step % first) / first;
  let start = 0;
  let length = first;
  while (step - start >= length) {
    start += length;
    length *= multiplier;
  }
  return (step - start) / length;
}
