import { checkOptions, type OptionNames } from '../core/options.js';
import { checkAtLeast, checkInteger } from '../core/validate.js';
import { fromRate, type Schedule } from './schedule.js';

export interface InverseSqrtOptions {
  /** Steps in which the rate rises to `lr` by the same amount each, at least 1. */
  readonly warmup: number;
}

const OPTIONS: OptionNames<InverseSqrtOptions> = { warmup: true };

/**
 * Up to `lr` along a line, then down with the root of the step (Vaswani et al. 2017, "Attention Is All You Need", equation 3):
 * with n = t + 1, `lr * min(n / warmup, sqrt(warmup / n))`. The paper's rate is `lr = 1 / sqrt(width * warmup)`.
 */
export function inverseSqrt(lr: number, options: InverseSqrtOptions): Schedule {
  checkAtLeast('lr', lr, 0);
  checkOptions('inverseSqrt', options, OPTIONS);
  const { warmup } = options;
  checkInteger('warmup', warmup, 1);
  return fromRate((step) => lr * Math.min((step + 1) / warmup, Math.sqrt(warmup / (step + 1))));
}
