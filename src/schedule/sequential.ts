import { checkOptions, type OptionNames } from '../core/options.js';
import { show } from '../core/validate.js';
import { compose } from './compose.js';
import { checkMilestones, type LearningRate, type Schedule, toSchedule } from './schedule.js';

export interface SequentialOptions {
  /** The step at which each schedule but the first takes over, in increasing order. */
  readonly at: readonly number[];
}

const OPTIONS: OptionNames<SequentialOptions> = { at: true };

/**
 * Schedules one after another, each from its own step 0; PyTorch's `SequentialLR`, but it takes metric-driven schedules
 * too: a metric goes to the schedule in force.
 */
export function sequential(schedules: readonly LearningRate[], options: SequentialOptions): Schedule {
  if (!Array.isArray(schedules)) throw new TypeError(`schedules must be an array, got ${show(schedules)}`);
  checkOptions('sequential', options, OPTIONS);
  const { at } = options;
  checkMilestones('at', at);
  if (schedules.length !== at.length + 1) {
    throw new RangeError(
      `schedules must be one more than the ${at.length} steps of at, got ${schedules.length}`,
    );
  }
  const parts = schedules.map((schedule, i) => toSchedule(schedule, `schedules[${i}]`));
  const starts = [...at];
  return compose(
    'sequential',
    parts[0],
    parts.slice(1).map((schedule, i) => ({ schedule, start: () => starts[i] })),
  );
}
