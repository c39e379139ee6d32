import type { Parameter } from '../array/parameter.js';
import { checkAtLeast, checkBoolean, checkDecayRate } from '../core/validate.js';
import type { AtStep, ParamGroup } from './common-options.js';
import { type DecayOptions, decayScalars } from './decay.js';
import type { RuleDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';

/** See {@link RMSprop}. The default rate is 0.01. */
export interface RMSpropOptions extends DecayOptions {
  /** The share of the mean square that is kept from step to step, in [0, 1). Default 0.99. */
  readonly alpha?: AtStep<number>;
  /** Keeps the division finite; added outside of the root. Default 1e-8. */
  readonly eps?: number;
  /** The share of the velocity that is kept from step to step, at least 0. Default 0: no velocity. */
  readonly momentum?: AtStep<number>;
  /** Divides by the standard deviation of the gradient instead of its root mean square. Default false. */
  readonly centered?: boolean;
}

const definition: RuleDefinition<RMSpropOptions> = {
  name: 'RMSprop',
  defaults: {
    lr: 1e-2,
    alpha: 0.99,
    eps: 1e-8,
    weightDecay: 0,
    momentum: 0,
    centered: false,
    decoupledWeightDecay: false,
    maximize: false,
  },
  check({ alpha, eps, momentum, centered }) {
    checkDecayRate('alpha', alpha);
    checkAtLeast('eps', eps, 0);
    checkAtLeast('momentum', momentum, 0);
    checkBoolean('centered', centered);
  },
  rule({ momentum, centered }) {
    if (centered) return momentum > 0 ? 'rmspropCenteredMomentum' : 'rmspropCentered';
    return momentum > 0 ? 'rmspropMomentum' : 'rmsprop';
  },
  scalars: ({ alpha, eps, momentum, maximize, ...decay }, lr) => ({
    lr,
    alpha,
    rest: 1 - alpha,
    eps,
    epsInside: 0,
    momentum,
    add: 1,
    ...decayScalars(decay, lr),
    maximize: Number(maximize),
  }),
};

/**
 * RMSprop (Tieleman & Hinton 2012, lecture 6.5); centered as in Graves 2013, https://arxiv.org/abs/1308.0850.
 *
 * With g the gradient plus `weightDecay` times the parameter p: v = alpha v + (1 - alpha) g^2;
 * p = p - lr g / (sqrt(v) + eps). Centered: sqrt(v - mean^2) with mean the running mean of g, which rounding may make
 * NaN where the gradient never changes, as in PyTorch. With momentum: buffer = momentum buffer + g / (sqrt(v) + eps);
 * p = p - lr buffer. No bias correction; eps outside of the root, unlike TensorFlow.
 */
export class RMSprop extends Optimizer<RMSpropOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<RMSpropOptions>>, options: RMSpropOptions = {}) {
    super(definition, params, options);
  }
}
