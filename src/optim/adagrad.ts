import type { Parameter } from '../array/parameter.js';
import { checkAtLeast } from '../core/validate.js';
import type { ParamGroup } from './common-options.js';
import { type DecayOptions, decayScalars } from './decay.js';
import type { RuleDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';

/** See {@link Adagrad}. The default rate is 0.01. */
export interface AdagradOptions extends DecayOptions {
  /** The rate of step t is divided by 1 + (t - 1) lrDecay. Default 0. */
  readonly lrDecay?: number;
  /** What the sums of squares start from. Default 0. */
  readonly initialAccumulatorValue?: number;
  /** Keeps the division finite; added outside of the root. Default 1e-10. */
  readonly eps?: number;
}

const definition: RuleDefinition<AdagradOptions> = {
  name: 'Adagrad',
  defaults: {
    lr: 1e-2,
    lrDecay: 0,
    weightDecay: 0,
    initialAccumulatorValue: 0,
    eps: 1e-10,
    decoupledWeightDecay: false,
    maximize: false,
  },
  check({ lrDecay, initialAccumulatorValue, eps }) {
    checkAtLeast('lrDecay', lrDecay, 0);
    checkAtLeast('initialAccumulatorValue', initialAccumulatorValue, 0);
    checkAtLeast('eps', eps, 0);
  },
  rule: () => 'adagrad',
  scalars: ({ lrDecay, eps, maximize, ...decay }, lr, step) => {
    const rate = lr / (1 + (step - 1) * lrDecay);
    return { lr: rate, eps, epsInside: 0, ...decayScalars(decay, rate), maximize: Number(maximize) };
  },
  initial: ({ initialAccumulatorValue }) => initialAccumulatorValue,
};

/**
 * Adagrad (Duchi, Hazan & Singer 2011, https://jmlr.org/papers/v12/duchi11a.html): every element has a rate of its
 * own, which falls with the squares of all its gradients.
 *
 * With g the gradient plus `weightDecay` times the parameter p: sum = sum + g^2; p = p - lr g / (sqrt(sum) + eps).
 */
export class Adagrad extends Optimizer<AdagradOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<AdagradOptions>>, options: AdagradOptions = {}) {
    super(definition, params, options);
  }
}
