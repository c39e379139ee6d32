import type { Parameter } from '../array/parameter.js';
import { checkAtLeast } from '../core/validate.js';
import type { ParamGroup } from './common-options.js';
import { type DecayOptions, decayScalars } from './decay.js';
import type { RuleDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';

/** See {@link ASGD}. The default rate is 0.01. */
export interface ASGDOptions extends DecayOptions {
  /** How the rate decays, and the parameter with it. Default 1e-4. */
  readonly lambd?: number;
  /** The power by which the rate decays. Default 0.75. */
  readonly alpha?: number;
  /** After how many steps averaging starts. Default 1e6. */
  readonly t0?: number;
}

const definition: RuleDefinition<ASGDOptions> = {
  name: 'ASGD',
  defaults: {
    lr: 1e-2,
    lambd: 1e-4,
    alpha: 0.75,
    t0: 1e6,
    weightDecay: 0,
    decoupledWeightDecay: false,
    maximize: false,
  },
  check({ lambd, alpha, t0 }) {
    checkAtLeast('lambd', lambd, 0);
    checkAtLeast('alpha', alpha, 0);
    checkAtLeast('t0', t0, 0);
  },
  rule: () => 'asgd',
  scalars: ({ lambd, alpha, t0, maximize, ...decay }, lr, step) => {
    // Those of the step before, as PyTorch has it.
    const rate = lr / (1 + lambd * lr * (step - 1)) ** alpha;
    const share = 1 / Math.max(1, step - 1 - t0);
    const { weightDecay, shrink } = decayScalars(decay, rate);
    return { rate, shrink: (1 - lambd * rate) * shrink, share, weightDecay, maximize: Number(maximize) };
  },
};

/**
 * Averaged stochastic gradient descent (Polyak & Juditsky 1992, https://doi.org/10.1137/0330046), PyTorch's: the rate of step t is
 * lr / (1 + lambd lr (t - 1))^alpha, and the parameter shrinks by 1 - lambd times it. The state `average` follows the parameter, and
 * from step t0 on is the mean of all iterates: `stateDict().parameters[name].arrays.average`.
 */
export class ASGD extends Optimizer<ASGDOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<ASGDOptions>>, options: ASGDOptions = {}) {
    super(definition, params, options);
  }
}
