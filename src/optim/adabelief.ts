import type { Parameter } from '../array/parameter.js';
import { checkAtLeast } from '../core/validate.js';
import { checkBetas } from './adam.js';
import type { AtStep, ParamGroup } from './common-options.js';
import { type DecayOptions, decayScalars } from './decay.js';
import type { RuleDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';

/** See {@link AdaBelief}. The default rate is 0.001. */
export interface AdaBeliefOptions extends DecayOptions {
  /** The shares of the mean and of the variance that are kept from step to step, in [0, 1). Default [0.9, 0.999]. */
  readonly betas?: AtStep<readonly [number, number]>;
  /** Added to the variance at every step, and to its root. Default 1e-16. */
  readonly eps?: number;
}

const definition: RuleDefinition<AdaBeliefOptions> = {
  name: 'AdaBelief',
  defaults: {
    lr: 1e-3,
    betas: [0.9, 0.999],
    eps: 1e-16,
    weightDecay: 0,
    decoupledWeightDecay: true,
    maximize: false,
  },
  check(options) {
    checkBetas(options.betas);
    checkAtLeast('eps', options.eps, 0);
  },
  rule: () => 'adabelief',
  scalars: (options, lr, step) => {
    const {
      betas: [beta1, beta2],
      eps,
      maximize,
    } = options;
    const correction = Math.sqrt(1 - beta2 ** step);
    return {
      stepSize: (lr * correction) / (1 - beta1 ** step),
      ...{ rest1: 1 - beta1, beta2, rest2: 1 - beta2, eps: eps * correction, epsInside: eps },
      ...decayScalars(options, lr),
      maximize: Number(maximize),
    };
  },
};

/**
 * AdaBelief (Zhuang et al. 2020, https://arxiv.org/abs/2010.07468, algorithm 2): Adam whose second moment is the variance of the gradient
 * around its running mean: steps are large where gradients are as expected. m = beta1 m + (1 - beta1) g;
 * s = beta2 s + (1 - beta2) (g - m)^2 + eps; p = p - lr / (1 - beta1^t) m / (sqrt(s / (1 - beta2^t)) + eps). The authors' code can rectify
 * as {@link RAdam} besides, which the paper does not, nor this.
 */
export class AdaBelief extends Optimizer<AdaBeliefOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<AdaBeliefOptions>>, options: AdaBeliefOptions = {}) {
    super(definition, params, options);
  }
}
