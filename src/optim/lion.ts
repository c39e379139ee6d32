import type { Parameter } from '../array/parameter.js';
import { checkBetas } from './adam.js';
import type { AtStep, ParamGroup } from './common-options.js';
import { type DecayOptions, decayScalars } from './decay.js';
import type { RuleDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';
import type { StateDTypeOption } from './stored-states.js';

/** See {@link Lion}. The default rate is 0.0001: a tenth to a third of what suits AdamW. */
export interface LionOptions extends DecayOptions, StateDTypeOption {
  /** The shares of the momentum that are kept in the step, and from step to step, in [0, 1). Default [0.9, 0.99]. */
  readonly betas?: AtStep<readonly [number, number]>;
}

const definition: RuleDefinition<LionOptions> = {
  name: 'Lion',
  defaults: {
    lr: 1e-4,
    betas: [0.9, 0.99],
    weightDecay: 0,
    decoupledWeightDecay: true,
    maximize: false,
    stateDtype: 'float32',
  },
  check(options) {
    checkBetas(options.betas);
  },
  rule: () => 'lion',
  scalars: (options, lr) => {
    const {
      betas: [beta1, beta2],
      maximize,
    } = options;
    return {
      ...{ lr, beta1, rest1: 1 - beta1, beta2, rest2: 1 - beta2 },
      ...decayScalars(options, lr),
      maximize: Number(maximize),
    };
  },
};

/**
 * Lion (Chen et al. 2023, https://arxiv.org/abs/2302.06675, algorithm 2), found by a search over programs: every element moves by the
 * rate, whatever the size of its gradient. One state; 20 bytes a parameter and step. The weight decay is decoupled by default, and
 * three to ten times that of AdamW.
 *
 * p = p - lr sign(beta1 m + (1 - beta1) g); m = beta2 m + (1 - beta2) g.
 */
export class Lion extends Optimizer<LionOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<LionOptions>>, options: LionOptions = {}) {
    super(definition, params, options);
  }
}
