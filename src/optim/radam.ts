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

/**
 * How far the root of a second moment of this many gradients is to be trusted, in (0, 1]: Liu et al. 2020,
 * https://arxiv.org/abs/1908.03265, r in algorithm 2.
 * @param step the first one is 1
 * @returns null while its variance is not known
 */
export function rectification(beta2: number, step: number): number | null {
  const limit = 2 / (1 - beta2) - 1;
  const length = limit - (2 * step * beta2 ** step) / (1 - beta2 ** step);
  // The paper has 4, PyTorch and the authors of AdaBelief 5.
  if (!(length > 5)) return null;
  return Math.sqrt(((length - 4) * (length - 2) * limit) / ((limit - 4) * (limit - 2) * length));
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
    const trust = rectification(beta2, step);
    const stepSize = lr / (1 - beta1 ** step);
    return {
      stepSize: trust === null ? stepSize : stepSize * trust * Math.sqrt(1 - beta2 ** step),
      ...{ rest1: 1 - beta1, beta2, rest2: 1 - beta2, eps },
      ...decayScalars(options, lr),
      maximize: Number(maximize),
      adaptive: Number(trust !== null),
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
