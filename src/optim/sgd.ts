import type { Parameter } from '../array/parameter.js';
import { checkAtLeast, checkBoolean, checkFinite } from '../core/validate.js';
import type { AtStep, ParamGroup } from './common-options.js';
import { type DecayOptions, decayScalars } from './decay.js';
import type { RuleDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';
import type { StateDTypeOption } from './stored-states.js';

/** See {@link SGD}. The default rate is 0.001. */
export interface SGDOptions extends DecayOptions, StateDTypeOption {
  /** The share of the velocity that is kept from step to step, at least 0. Default 0: no velocity, and no state. */
  readonly momentum?: AtStep<number>;
  /** The share of the gradient that is kept out of the velocity, from the second step on. Default 0. */
  readonly dampening?: AtStep<number>;
  /** Nesterov's form: needs a momentum, and no dampening. Default false. */
  readonly nesterov?: boolean;
}

const definition: RuleDefinition<SGDOptions> = {
  name: 'SGD',
  defaults: {
    lr: 1e-3,
    momentum: 0,
    dampening: 0,
    weightDecay: 0,
    nesterov: false,
    decoupledWeightDecay: false,
    maximize: false,
    stateDtype: 'float32',
  },
  check({ momentum, dampening, nesterov }) {
    checkAtLeast('momentum', momentum, 0);
    checkFinite('dampening', dampening);
    checkBoolean('nesterov', nesterov);
    if (nesterov && (momentum === 0 || dampening !== 0)) {
      throw new RangeError(
        `nesterov needs a momentum above 0 and a dampening of 0, got ${momentum} and ${dampening}`,
      );
    }
  },
  rule: ({ momentum }) => (momentum === 0 ? 'sgd' : 'momentum'),
  scalars: ({ momentum, dampening, nesterov, maximize, ...decay }, lr, step) => ({
    lr,
    keep: momentum,
    // The velocity starts as the first gradient, undampened.
    add: step === 1 ? 1 : 1 - dampening,
    nesterov: Number(nesterov),
    // Without a velocity either kind of decay is the same.
    ...(momentum === 0 ? { weightDecay: decay.weightDecay } : decayScalars(decay, lr)),
    maximize: Number(maximize),
  }),
};

/**
 * Stochastic gradient descent, with momentum (Polyak 1964) or Nesterov's (as in Sutskever et al. 2013).
 *
 * With g the gradient plus `weightDecay` times the parameter p:
 * v = momentum v + (1 - dampening) g; p = p - lr v, or p = p - lr (g + momentum v) in Nesterov's form. The rate is
 * outside of the velocity, as in PyTorch: the two forms differ while the rate changes.
 */
export class SGD extends Optimizer<SGDOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<SGDOptions>>, options: SGDOptions = {}) {
    super(definition, params, options);
  }
}
