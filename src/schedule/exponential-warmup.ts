import { checkOptions, type OptionNames } from '../core/options.js';
import { checkGreater } from '../core/validate.js';
import { scale } from './scale.js';
import { fromRate, type LearningRate, type Schedule } from './schedule.js';

export interface ExponentialWarmupOptions {
  /** After so many steps 63 % of the rate are reached, after three times as many 95 %. */
  readonly period: number;
}

const OPTIONS: OptionNames<ExponentialWarmupOptions> = { period: true };

/**
 * The schedule, times 1 - exp(-(t + 1) / period): it runs from its step 0 on, unlike after `gradualWarmup` (Ma and Yarats 2021, "On the
 * Adequacy of Untuned Warmup for Adaptive Optimization", https://arxiv.org/abs/1910.04209, section 5, with period
 * 1 / (1 - beta2) for Adam).
 */
export function exponentialWarmup(schedule: LearningRate, options: ExponentialWarmupOptions): Schedule {
  checkOptions('exponentialWarmup', options, OPTIONS);
  const { period } = options;
  checkGreater('period', period, 0);
  return scale(
    schedule,
    fromRate((step) => -Math.expm1(-(step + 1) / period)),
  );
}
