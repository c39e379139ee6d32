import { checkOptions, type OptionNames } from '../core/options.js';
import { checkAtLeast, checkInteger } from '../core/validate.js';
import { linearAnneal } from './anneal.js';
import { compose } from './compose.js';
import { fromRate, type LearningRate, type Schedule, toSchedule } from './schedule.js';

export interface GradualWarmupOptions {
  /** Steps of warm-up; 0 for none. */
  readonly steps: number;
  /** The rate that the first step already is one increment above. Default 0. */
  readonly from?: number;
}

const OPTIONS: OptionNames<GradualWarmupOptions> = { steps: true, from: true };

/**
 * Adds the same amount at every step until the rate is the schedule's first one, then hands over to the schedule from its
 * own step 0 (Goyal et al. 2017, "Accurate, Large Minibatch SGD", section 2.2). At step t < steps the rate is
 * `from + (schedule.at(0) - from) * (t + 1) / steps`, so the first step never has rate 0 and the last one has the full rate.
 */
export function gradualWarmup(schedule: LearningRate, options: GradualWarmupOptions): Schedule {
  const target = toSchedule(schedule, 'schedule');
  checkOptions('gradualWarmup', options, OPTIONS);
  const { steps, from = 0 } = options;
  checkInteger('steps', steps, 0);
  checkAtLeast('from', from, 0);
  // Taken now, so that no metric seen later changes the rates of steps already taken.
  const first = target.at(0);
  const ramp = fromRate((step) =>
    step + 1 >= steps ? first : linearAnneal(from, first, (step + 1) / steps),
  );
  return compose('gradualWarmup', ramp, [{ schedule: target, start: () => steps }]);
}
