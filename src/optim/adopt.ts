import type { Parameter } from '../array/parameter.js';
import { checkBoolean, checkGreater } from '../core/validate.js';
import { checkBetas } from './adam.js';
import type { AtStep, ParamGroup } from './common-options.js';
import { type DecayOptions, decayScalars } from './decay.js';
import type { RuleDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';

/** See {@link ADOPT}. The default rate is 0.001. */
export interface ADOPTOptions extends DecayOptions {
  /** The shares of the first and of the second moment that are kept from step to step, in [0, 1). Default [0.9, 0.9999]. */
  readonly betas?: AtStep<readonly [number, number]>;
  /** The least that a gradient is divided by, above 0. Default 1e-6. */
  readonly eps?: number;
  /** Whether what joins the first moment at step t is limited to (t - 1)^(1/4). Default true. */
  readonly clip?: boolean;
}

const definition: RuleDefinition<ADOPTOptions> = {
  name: 'ADOPT',
  defaults: {
    lr: 1e-3,
    betas: [0.9, 0.9999],
    eps: 1e-6,
    clip: true,
    weightDecay: 0,
    decoupledWeightDecay: false,
    maximize: false,
  },
  check(options) {
    checkBetas(options.betas);
    checkGreater('eps', options.eps, 0);
    checkBoolean('clip', options.clip);
  },
  rule: () => 'adopt',
  scalars: (options, lr, step) => {
    const {
      betas: [beta1, beta2],
      eps,
      clip,
      maximize,
    } = options;
    const decay = decayScalars(options, lr);
    // The first gradient is the second moment, and moves nothing.
    if (step === 1) {
      return {
        ...{ lr: 0, rest1: 0, beta2: 0, rest2: 1, eps, clip: 0 },
        ...{ ...decay, shrink: 1, maximize: Number(maximize) },
      };
    }
    const limit = clip ? (step - 1) ** 0.25 : Number.POSITIVE_INFINITY;
    return {
      ...{ lr, rest1: 1 - beta1, beta2, rest2: 1 - beta2, eps, clip: limit },
      ...{ ...decay, maximize: Number(maximize) },
    };
  },
};

/**
 * ADOPT (Taniguchi et al. 2024, https://arxiv.org/abs/2411.02853, algorithm 2): Adam that converges for any betas[1]. A gradient is divided
 * by the root of the second moment before it joins that, so that the two are independent: n = g / max(sqrt(v), eps), limited;
 * m = beta1 m + (1 - beta1) n; p = p - lr m; v = beta2 v + (1 - beta2) g^2. The first step only starts v.
 */
export class ADOPT extends Optimizer<ADOPTOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<ADOPTOptions>>, options: ADOPTOptions = {}) {
    super(definition, params, options);
  }
}
