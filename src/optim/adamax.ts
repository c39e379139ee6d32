import type { Parameter } from '../array/parameter.js';
import { checkAtLeast } from '../core/validate.js';
import { checkBetas } from './adam.js';
import type { AtStep, ParamGroup } from './common-options.js';
import { type DecayOptions, decayScalars } from './decay.js';
import type { RuleDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';

/** See {@link Adamax}. The default rate is 0.002. */
export interface AdamaxOptions extends DecayOptions {
  /** The shares of the first moment and of the norm that are kept from step to step, in [0, 1). Default [0.9, 0.999]. */
  readonly betas?: AtStep<readonly [number, number]>;
  /** Keeps the division finite; added to the magnitude of the gradient, inside of the maximum. Default 1e-8. */
  readonly eps?: number;
}

const definition: RuleDefinition<AdamaxOptions> = {
  name: 'Adamax',
  defaults: {
    lr: 2e-3,
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 0,
    decoupledWeightDecay: false,
    maximize: false,
  },
  check({ betas, eps }) {
    checkBetas(betas);
    checkAtLeast('eps', eps, 0);
  },
  rule: () => 'adamax',
  scalars: ({ betas: [beta1, beta2], eps, maximize, ...decay }, lr, step) => ({
    stepSize: lr / (1 - beta1 ** step),
    rest1: 1 - beta1,
    beta2,
    eps: 0,
    epsInside: eps,
    ...decayScalars(decay, lr),
    maximize: Number(maximize),
  }),
};

/**
 * Adamax (Kingma & Ba 2015, https://arxiv.org/abs/1412.6980, algorithm 2): Adam with the largest gradient, faded, in the
 * place of the root of the second moment.
 *
 * With g the gradient plus `weightDecay` times the parameter p, at step t: m = beta1 m + (1 - beta1) g;
 * u = max(beta2 u, |g| + eps); p = p - lr / (1 - beta1^t) m / u. The paper has no eps; this is PyTorch's.
 */
export class Adamax extends Optimizer<AdamaxOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<AdamaxOptions>>, options: AdamaxOptions = {}) {
    super(definition, params, options);
  }
}
