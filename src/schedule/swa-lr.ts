import { checkOptions, type OptionNames } from '../core/options.js';
import { checkAtLeast, checkInteger, checkOneOf } from '../core/validate.js';
import { ANNEAL, STRATEGIES } from './anneal.js';
import { compose } from './compose.js';
import { fromRate, type LearningRate, type Schedule, toSchedule } from './schedule.js';

export interface SwaLrOptions {
  /** The step from which on the rate leaves the schedule: when averaging begins. */
  readonly start: number;
  /** The rate that it goes to, and keeps. */
  readonly lr: number;
  /** Steps from the schedule's rate at `start` to `lr`; 0 for a jump. Default 10. */
  readonly steps?: number;
  /** The shape of the way. Default `'cos'`. */
  readonly annealStrategy?: (typeof STRATEGIES)[number];
}

const OPTIONS: OptionNames<SwaLrOptions> = { start: true, lr: true, steps: true, annealStrategy: true };

/**
 * The schedule, and from step `start` on a way to the rate at which weights are averaged (Izmailov et al. 2018,
 * https://arxiv.org/abs/1803.05407); the rates of PyTorch's `SWALR`, whose `anneal_epochs` are our `steps`. See
 * `StochasticWeightAverage` of `lockstep/train`.
 */
export function swaLr(schedule: LearningRate, options: SwaLrOptions): Schedule {
  const before = toSchedule(schedule, 'schedule');
  checkOptions('swaLr', options, OPTIONS);
  const { start, lr, steps = 10, annealStrategy = 'cos' } = options;
  checkInteger('start', start, 0);
  checkAtLeast('lr', lr, 0);
  checkInteger('steps', steps, 0);
  checkOneOf('annealStrategy', annealStrategy, STRATEGIES);
  const anneal = ANNEAL[annealStrategy];
  const after = fromRate((step) => (step >= steps ? lr : anneal(before.at(start), lr, step / steps)));
  return compose('swaLr', before, [{ schedule: after, start: () => start }]);
}
