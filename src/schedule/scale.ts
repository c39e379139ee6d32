import { compose } from './compose.js';
import { type LearningRate, type Schedule, toSchedule } from './schedule.js';

/**
 * A schedule times another one, a number or a function of the step, all at the same step: PyTorch's `LambdaLR` is `scale(lr, (step) => ...)`,
 * its `ChainedScheduler` is `scale` of one in the other.
 * @throws RangeError where the factor at a step is negative or not finite; TypeError where it depends on metrics.
 */
export function scale(schedule: LearningRate, factor: LearningRate): Schedule {
  const factors = toSchedule(factor, 'factor');
  if (factors.observe !== undefined) {
    throw new TypeError('factor must depend on the step alone: a metric-driven schedule goes first');
  }
  return compose('scale', toSchedule(schedule, 'schedule'), [], {
    adjust: (rate, step) => rate * factors.at(step),
  });
}
