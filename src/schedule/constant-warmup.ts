import { checkOptions, type OptionNames } from '../core/options.js';
import { checkBoolean, checkInteger, checkObject, show } from '../core/validate.js';
import { compose, type Own } from './compose.js';
import { type LearningRate, type Schedule, toSchedule } from './schedule.js';

export type ConstantWarmupOptions =
  | {
      /** The rate of the warm-up. */
      readonly lr: LearningRate;
      /** Steps of warm-up; 0 for none. */
      readonly steps: number;
      readonly until?: undefined;
    }
  | {
      /** The rate of the warm-up. */
      readonly lr: LearningRate;
      /** Ends the warm-up at the first metric for which it returns true. */
      readonly until: (metric: number) => boolean;
      readonly steps?: undefined;
    };

const OPTIONS: OptionNames<ConstantWarmupOptions> = { lr: true, steps: true, until: true };

/**
 * A low rate at first, then a jump to the schedule, which begins at its own step 0. It lasts for a number of steps, or until
 * a metric (given to `optimizer.observe`) meets a condition: He et al. 2016, "Deep Residual Learning", section 4.2 train ResNet-110 at
 * 0.01 until the training error is below 80 %, then at 0.1:
 * `constantWarmup(0.1, { lr: 0.01, until: (trainingError) => trainingError < 0.8 })`.
 */
export function constantWarmup(schedule: LearningRate, options: ConstantWarmupOptions): Schedule {
  const target = toSchedule(schedule, 'schedule');
  checkOptions('constantWarmup', options, OPTIONS);
  const { lr, steps, until } = options;
  const low = toSchedule(lr, 'lr');
  if ((steps === undefined) === (until === undefined)) {
    throw new TypeError(`constantWarmup takes either steps or until, got ${show(steps)} and ${show(until)}`);
  }
  if (until === undefined) {
    checkInteger('steps', steps, 0);
    return compose('constantWarmup', low, [{ schedule: target, start: () => steps }]);
  }
  if (typeof until !== 'function')
    throw new TypeError(`until must be a function of the metric, got ${show(until)}`);
  const { own, jumpStep } = jumpWhen(until);
  return compose('constantWarmup', low, [{ schedule: target, start: jumpStep }], own);
}

/** Remembers the step at which the condition was first met. */
function jumpWhen(until: (metric: number) => boolean): { own: Own; jumpStep: () => number } {
  let jumpedAt: number | null = null;
  const own: Own = {
    memory: {
      observe(metric, step) {
        if (jumpedAt !== null) return;
        const met = until(metric);
        checkBoolean('until(metric)', met);
        if (met) jumpedAt = step;
      },
      save: () => ({ jumpedAt }),
      parse(state) {
        checkObject('state.memory', state);
        const saved = state.jumpedAt;
        if (saved !== null) checkInteger('state.memory.jumpedAt', saved, 0);
        return () => {
          jumpedAt = saved;
        };
      },
    },
  };
  return { own, jumpStep: () => jumpedAt ?? Number.POSITIVE_INFINITY };
}
