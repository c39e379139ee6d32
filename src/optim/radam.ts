import type { Parameter } from '../array/parameter.js';
import { checkAtLeast } from '../core/validate.js';
import { checkBetas } from './adam.js';
import type { AtStep, ParamGroup } from './common-options.js';
import { type DecayOptions, decayScalars } from './decay.js';
import type { RuleDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';

/** See {@link RAdam}. The default rate is 0.001. */
export interface RAdamOptions extends DecayOptions {
  /** The shares of the first and of the second moment that are kept from step to step, in [0, 1). Default [0.9, 0.999]. */
  readonly betas?: AtStep<readonly [number, number]>;
  /** Keeps the division finite; added to the root of the uncorrected second moment. Default 1e-8. */
  readonly eps?: number;
}

const definition: RuleDefinition<RAdamOptions> = {
  name: 'RAdam',
  defaults: {
    lr: 1e-3,
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 0,
    decoupledWeightDecay: false,
    maximize: false,
  },
  check(options) {
    checkBetas(options.betas);
    checkAtLeast('eps', options.eps, 0);
  },
  rule: () => 'radam',
  scalars: (options, lr, step) => {
    const {
      betas: [beta1, beta2],
      eps,
      maximize,
    } = options;
    const rest = 1 - beta2 ** step;
    const limit = 2 / (1 - beta2) - 1;
    const length = limit - (2 * step * beta2 ** step) / rest;
    // Up to 5 the variance of the root is not known.
    const adaptive = length > 5;
    const rectified = ((length - 4) * (length - 2) * limit) / ((limit - 4) * (limit - 2) * length);
    const stepSize = lr / (1 - beta1 ** step);
    return {
      stepSize: adaptive ? stepSize * Math.sqrt(rectified) * Math.sqrt(rest) : stepSize,
      ...{ rest1: 1 - beta1, beta2, rest2: 1 - beta2, eps },
      ...decayScalars(options, lr),
      maximize: Number(maximize),
      adaptive: Number(adaptive),
    };
  },
};

/**
 * RAdam (Liu et al. 2020, https://arxiv.org/abs/1908.03265, algorithm 2), PyTorch's: Adam that warms up by itself. While too few
 * gradients are in the second moment to trust it (for betas[1] = 0.999 five steps) it is momentum alone; afterwards Adam's step,
 * times how far the variance of the root is from its limit.
 */
export class RAdam extends Optimizer<RAdamOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<RAdamOptions>>, options: RAdamOptions = {}) {
    super(definition, params, options);
  }
}
