import type { Parameter } from '../array/parameter.js';
import { checkAtLeast, checkGreater, checkInteger } from '../core/validate.js';
import { checkBetas } from './adam.js';
import type { AtStep, ParamGroup } from './common-options.js';
import { type DecayOptions, decayScalars } from './decay.js';
import type { RuleDefinition } from './definition.js';
import type { HessianEstimate } from './hessian.js';
import { Optimizer } from './optimizer.js';

/** See {@link SophiaG}. The default rate is 0.0001. */
export interface SophiaGOptions extends DecayOptions {
  /** The shares of the moment and of the Hessian's diagonal that are kept, in [0, 1). Default [0.965, 0.99]. */
  readonly betas?: AtStep<readonly [number, number]>;
  /** What the Hessian is multiplied by: the larger, the fewer elements have a limited step. Default 0.04. */
  readonly rho?: number;
  /** Tokens, or samples, of a batch: those whose mean is the loss. Default 5120. */
  readonly batchSize?: number;
  /** After how many steps `fit` has the Hessian estimated again; that of the first group counts. Default 10. */
  readonly hessianInterval?: number;
}

const definition: RuleDefinition<SophiaGOptions> = {
  name: 'SophiaG',
  defaults: {
    lr: 1e-4,
    betas: [0.965, 0.99],
    rho: 0.04,
    batchSize: 5120,
    hessianInterval: 10,
    weightDecay: 0.1,
    decoupledWeightDecay: true,
    maximize: false,
  },
  check(options) {
    checkBetas(options.betas);
    checkAtLeast('rho', options.rho, 0);
    checkGreater('batchSize', options.batchSize, 0);
    checkInteger('hessianInterval', options.hessianInterval, 1);
  },
  rule: () => 'sophia',
  scalars: (options, lr) => {
    const {
      betas: [beta1],
      rho,
      batchSize,
      maximize,
    } = options;
    return {
      ...{ lr, rest1: 1 - beta1, scale: rho * batchSize, eps: 1e-15 },
      ...decayScalars(options, lr),
      maximize: Number(maximize),
    };
  },
};

/**
 * Sophia-G (Liu et al. 2023, https://arxiv.org/abs/2305.14342, algorithm 3; the authors' code): the moment over the diagonal of the Hessian,
 * limited to 1 element by element: p = p - lr sign(m) min(1, |m| / (rho batchSize h + 1e-15)).
 *
 * Every ten steps or so {@link updateHessian} takes gradients of the mean loss at labels drawn from the model's own predictions: `fit` does so
 * by itself, as its `sampledLoss` says. Before the first call every element moves by the rate.
 */
export class SophiaG extends Optimizer<SophiaGOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<SophiaGOptions>>, options: SophiaGOptions = {}) {
    super(definition, params, options);
  }

  /** What `fit` asks after every step. */
  get hessian(): HessianEstimate {
    const isDue = this.steps % this.options.hessianInterval === 0;
    return { isDue, update: () => this.updateHessian() };
  }

  /**
   * Takes the gradients that are there as those at sampled labels: h = beta2 h + (1 - beta2) g^2 (Gauss-Newton-Bartlett, the paper's
   * section 2.3); those of a `GradScaler` have to be unscaled. To be followed by `zeroGrad()`. Parameters that have taken no step yet are left out.
   */
  updateHessian(): void {
    this.runRule('squareMean', ['h', 'grad'], ({ betas: [, beta2] }) => ({ beta: beta2, rest: 1 - beta2 }));
  }
}
