import { checkObject, show } from '../core/validate.js';

/**
 * Other weights that judge in the place of those that learn: their average, as `ExponentialMovingAverage` keeps it, or what
 * an optimizer has as its `evaluationWeights`. `fit` puts them in place for validation and for early stopping, and takes
 * them out again whatever happens.
 */
export interface EvaluationWeights {
  /** Whether they are in the place of the weights that learn. */
  readonly applied: boolean;
  /** Called after every step, with the weights that learn in place. */
  update?(): void;
  /** Puts them in place. The weights that learn are kept. */
  apply(): void;
  /** Puts the weights that learn back. */
  restore(): void;
}

/** @param name what the caller called it: `ema`, or `optimizer.evaluationWeights`. */
export function checkEvaluationWeights(name: string, value: unknown): asserts value is EvaluationWeights {
  checkObject(name, value);
  const isOne = typeof value.apply === 'function' && typeof value.restore === 'function';
  if (!isOne || !['undefined', 'function'].includes(typeof value.update)) {
    throw new TypeError(
      `${name} must have apply(), restore() and perhaps update(), as an ExponentialMovingAverage has, got ${show(value)}`,
    );
  }
  if (value.applied === true) {
    throw new Error(`${name} must not be in the place of the weights that learn: call restore() first`);
  }
}
