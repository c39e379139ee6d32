import type { Parameter } from '../array/parameter.js';
import { checkAtLeast, checkBoolean } from '../core/validate.js';
import { checkBetas } from './adam.js';
import type { AtStep, ParamGroup } from './common-options.js';
import { type DecayOptions, decayScalars } from './decay.js';
import type { RuleDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';
import { rectification } from './radam.js';

/** See {@link AdaBelief}. The default rate is 0.001. */
export interface AdaBeliefOptions extends DecayOptions {
  /** The shares of the mean and of the variance that are kept from step to step, in [0, 1). Default [0.9, 0.999]. */
  readonly betas?: AtStep<readonly [number, number]>;
  /** Added to the variance at every step, and to its root. Default 1e-16. */
  readonly eps?: number;
  /** Divides by the largest variance so far, as {@link Adam}'s option of this name does, also where `rectify` is true. Default false. */
  readonly amsgrad?: boolean;
  /**
   * Whether a decoupled weight decay shrinks the parameter by 1 - weightDecay, whatever the rate, instead of by 1 - lr weightDecay.
   * Default false. Without `decoupledWeightDecay` it says nothing.
   */
  readonly fixedDecay?: boolean;
  /**
   * Warms up as {@link RAdam} does: steps of the mean alone while too few gradients are in the variance, then times how far it is to
   * be trusted. `eps` is then added to the uncorrected root. Default false; the authors' code has true.
   */
  readonly rectify?: boolean;
}

const definition: RuleDefinition<AdaBeliefOptions> = {
  name: 'AdaBelief',
  defaults: {
    lr: 1e-3,
    betas: [0.9, 0.999],
    eps: 1e-16,
    amsgrad: false,
    fixedDecay: false,
    rectify: false,
    weightDecay: 0,
    decoupledWeightDecay: true,
    maximize: false,
  },
  check({ betas, eps, ...flags }) {
    checkBetas(betas);
    checkAtLeast('eps', eps, 0);
    for (const name of ['amsgrad', 'fixedDecay', 'rectify'] as const) checkBoolean(name, flags[name]);
  },
  rule: ({ amsgrad }) => (amsgrad ? 'adabeliefAmsgrad' : 'adabelief'),
  scalars: (options, lr, step) => {
    const {
      betas: [beta1, beta2],
      eps,
      fixedDecay,
      rectify,
      maximize,
    } = options;
    const correction = Math.sqrt(1 - beta2 ** step);
    const trust = rectify ? rectification(beta2, step) : 1;
    return {
      stepSize: (lr * (trust === null ? 1 : correction * trust)) / (1 - beta1 ** step),
      ...{ rest1: 1 - beta1, beta2, rest2: 1 - beta2, eps: rectify ? eps : eps * correction, epsInside: eps },
      ...decayScalars(options, fixedDecay ? 1 : lr),
      maximize: Number(maximize),
      adaptive: Number(trust !== null),
    };
  },
};

/**
 * AdaBelief (Zhuang et al. 2020, https://arxiv.org/abs/2010.07468, algorithm 2): Adam whose second moment is the variance of the gradient
 * around its running mean: steps are large where gradients are as expected. m = beta1 m + (1 - beta1) g;
 * s = beta2 s + (1 - beta2) (g - m)^2 + eps; p = p - lr / (1 - beta1^t) m / (sqrt(s / (1 - beta2^t)) + eps).
 *
 * `amsgrad`, `fixedDecay` and `rectify` are those of the authors' code (adabelief-pytorch 0.2), which the paper does not have. That code
 * rectifies by default, and leaves `amsgrad` out where it does; this does neither.
 */
export class AdaBelief extends Optimizer<AdaBeliefOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<AdaBeliefOptions>>, options: AdaBeliefOptions = {}) {
    super(definition, params, options);
  }
}
