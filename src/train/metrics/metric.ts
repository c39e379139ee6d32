import type { Tensor } from '../../nn/index.js';
import type { Target } from '../examples.js';

/** What a metric has seen so far. */
export interface MetricState<Y extends Target = Target> {
  /** Takes in rows. */
  readonly update: (output: Tensor, target: Y) => void;
  /** The metric of all of them; may be called more than once. */
  readonly result: () => number;
  /** A copy of what was seen, as plain data: `fit` needs it to save a checkpoint within an epoch. */
  readonly stateDict?: () => unknown;
  /** Goes on from such a copy. @throws TypeError or RangeError where it is none. */
  readonly loadStateDict?: (state: unknown) => void;
}

/**
 * A number to watch, of an output and the targets of its rows.
 *
 * That of many batches is the mean over their rows, as it should be for `accuracy`. One for which it should not, such as `f1()`, has
 * `start`: every step, epoch and evaluation starts a state of its own, and has it see all of its rows.
 */
export interface Metric<Y extends Target = Target> {
  (output: Tensor, target: Y): number;
  readonly start?: () => MetricState<Y>;
}

/** A metric that is no mean over rows. */
export interface StatefulMetric<Y extends Target = Target> extends Metric<Y> {
  readonly start: () => MetricState<Y>;
}

export function stateful<Y extends Target>(start: () => MetricState<Y>): StatefulMetric<Y> {
  const metric = (output: Tensor, target: Y) => {
    const { update, result } = start();
    update(output, target);
    return result();
  };
  return Object.assign(metric, { start });
}
