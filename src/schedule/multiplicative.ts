import { checkAtLeast } from '../core/validate.js';
import { fromRate, type LearningRate, type Schedule, toSchedule } from './schedule.js';

/**
 * What every step multiplies by a factor of its own: at step t `lr * factor(1) * factor(2) * ... * factor(t)`; PyTorch's
 * `MultiplicativeLR`. `scale` is `lr * factor(t)`.
 *
 * @param factor a function of the step, or a schedule: asked for every step until the one at hand, and remembered up to there.
 * @throws RangeError where the factor at a step is negative or not finite; TypeError where it depends on metrics.
 */
export function multiplicative(lr: number, factor: LearningRate): Schedule {
  checkAtLeast('lr', lr, 0);
  const factors = toSchedule(factor, 'factor');
  if (factors.observe !== undefined) {
    throw new TypeError(
      'factor must depend on the step alone: a metric-driven schedule goes around this one',
    );
  }
  let known = { step: 0, product: 1 };
  return fromRate((step) => {
    let { step: at, product } = known.step <= step ? known : { step: 0, product: 1 };
    while (at + 1 <= step) product *= factors.at(++at);
    known = { step: at, product };
    return lr * product;
  });
}
