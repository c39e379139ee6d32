import type { Parameter } from '../array/parameter.js';
import { checkAtLeast, checkBoolean } from '../core/validate.js';
import { checkBetas } from './adam.js';
import type { AtStep, CommonOptions, ParamGroup } from './common-options.js';
import type { RuleDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';

/** See {@link Adan}. The default rate is 0.001. */
export interface AdanOptions extends CommonOptions {
  /**
   * The shares of the moment, of the difference of gradients and of the second moment that are kept from step to step, in [0, 1).
   * Default [0.98, 0.92, 0.99].
   */
  readonly betas?: AtStep<readonly [number, number, number]>;
  /** Keeps the division finite; added to the root of the corrected second moment. Default 1e-8. */
  readonly eps?: number;
  /** Whether the weight decay shrinks the parameter by 1 - lr weightDecay before the step, instead of dividing it by 1 + lr weightDecay after. Default false. */
  readonly noProx?: boolean;
}

const definition: RuleDefinition<AdanOptions> = {
  name: 'Adan',
  defaults: {
    lr: 1e-3,
    betas: [0.98, 0.92, 0.99],
    eps: 1e-8,
    weightDecay: 0,
    noProx: false,
    maximize: false,
  },
  check({ betas, eps, noProx }) {
    checkBetas(betas, 3);
    checkAtLeast('eps', eps, 0);
    checkBoolean('noProx', noProx);
  },
  rule: () => 'adan',
  scalars: ({ betas: [beta1, beta2, beta3], eps, weightDecay, noProx, maximize }, lr, step) => {
    const correction = Math.sqrt(1 - beta3 ** step);
    const rate = lr * correction;
    return {
      momentStep: rate / (1 - beta1 ** step),
      differenceStep: (rate * beta2) / (1 - beta2 ** step),
      ...{ beta1, rest1: 1 - beta1, beta2, rest2: 1 - beta2, beta3, rest3: 1 - beta3, eps: eps * correction },
      hasPrevious: Number(step > 1),
      shrink: noProx ? 1 - lr * weightDecay : 1,
      divisor: noProx ? 1 : 1 + lr * weightDecay,
      maximize: Number(maximize),
    };
  },
};

/**
 * Adan (Xie et al. 2022, https://arxiv.org/abs/2208.06677, algorithm 1): Nesterov's momentum without a gradient at another point, by the
 * differences d of one gradient from the one before (0 at the first step): m = beta1 m + (1 - beta1) g;
 * n = beta2 n + (1 - beta2) d; v = beta3 v + (1 - beta3) (g + beta2 d)^2;
 * p = (p - lr (m' + beta2 n') / (sqrt(v') + eps)) / (1 + lr weightDecay), where m', n', v' are corrected for their start at 0. Betas are
 * what is kept, as in the authors' code; the paper's are what is not. Four states: 44 bytes a parameter and step.
 */
export class Adan extends Optimizer<AdanOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<AdanOptions>>, options: AdanOptions = {}) {
    super(definition, params, options);
  }
}
