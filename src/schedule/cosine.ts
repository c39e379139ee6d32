import { checkOptions, type OptionNames } from '../core/options.js';
import { checkAtLeast, checkInteger } from '../core/validate.js';
import { cosineAnneal } from './anneal.js';
import { fromRate, type Schedule } from './schedule.js';

export interface CosineOptions {
  /** Steps from `lr` down to `min`. */
  readonly steps: number;
  /** The last rate. Default 0. */
  readonly min?: number;
}

const OPTIONS: OptionNames<CosineOptions> = { steps: true, min: true };

/**
 * `min + (lr - min) * (1 + cos(pi * t / steps)) / 2`, then `min` (Loshchilov and Hutter 2017, SGDR, equation 5).
 *
 * PyTorch's `CosineAnnealingLR` up to `T_max = steps`. Past it PyTorch climbs back to `lr`, which turns a run that is a
 * little longer than planned into one that diverges; this one stays at `min`. See {@link cosineRestarts} for cycles.
 */
export function cosine(lr: number, options: CosineOptions): Schedule {
  checkAtLeast('lr', lr, 0);
  checkOptions('cosine', options, OPTIONS);
  const { steps, min = 0 } = options;
  checkInteger('steps', steps, 1);
  checkAtLeast('min', min, 0);
  return fromRate((step) => (step >= steps ? min : cosineAnneal(lr, min, step / steps)));
}
