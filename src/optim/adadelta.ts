import type { Parameter } from '../array/parameter.js';
import { checkAtLeast, checkDecayRate } from '../core/validate.js';
import type { AtStep, ParamGroup } from './common-options.js';
import { type DecayOptions, decayScalars } from './decay.js';
import type { RuleDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';

/** See {@link Adadelta}. The default rate is 1. */
export interface AdadeltaOptions extends DecayOptions {
  /** The share of the mean squares that is kept from step to step, in [0, 1). Default 0.9. */
  readonly rho?: AtStep<number>;
  /** Keeps the division finite, and gets the first steps going; added inside of both roots. Default 1e-6. */
  readonly eps?: number;
}

const definition: RuleDefinition<AdadeltaOptions> = {
  name: 'Adadelta',
  defaults: { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, decoupledWeightDecay: false, maximize: false },
  check({ rho, eps }) {
    checkDecayRate('rho', rho);
    checkAtLeast('eps', eps, 0);
  },
  rule: () => 'adadelta',
  scalars: ({ rho, eps, maximize, ...decay }, lr) => ({
    lr,
    rho,
    rest: 1 - rho,
    eps,
    lagged: 0,
    ...decayScalars(decay, lr),
    maximize: Number(maximize),
  }),
};

/**
 * Adadelta (Zeiler 2012, https://arxiv.org/abs/1212.5701, algorithm 1): steps as large as the steps so far, in the units
 * of the parameter. The paper has no learning rate; 1 is the paper's step.
 *
 * With g the gradient plus `weightDecay` times the parameter p: v = rho v + (1 - rho) g^2;
 * delta = sqrt(u + eps) / sqrt(v + eps) g; u = rho u + (1 - rho) delta^2; p = p - lr delta.
 */
export class Adadelta extends Optimizer<AdadeltaOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<AdadeltaOptions>>, options: AdadeltaOptions = {}) {
    super(definition, params, options);
  }
}
