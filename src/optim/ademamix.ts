import type { Parameter } from '../array/parameter.js';
import { checkAtLeast, checkInteger } from '../core/validate.js';
import { checkBetas } from './adam.js';
import type { AtStep, CommonOptions, ParamGroup, Resolved } from './common-options.js';
import type { RuleDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';

/** See {@link AdEMAMix}. The default rate is 0.001. */
export interface AdEMAMixOptions extends CommonOptions {
  /** The shares of the fast mean, of the second moment and of the slow mean that are kept from step to step, in [0, 1). Default [0.9, 0.999, 0.9999]. */
  readonly betas?: AtStep<readonly [number, number, number]>;
  /** How much the slow mean counts. Default 2. */
  readonly alpha?: number;
  /** Keeps the division finite; added to the root of the corrected second moment. Default 1e-8. */
  readonly eps?: number;
  /** Over how many steps alpha rises from 0. Default null: at once. */
  readonly alphaWarmup?: number | null;
  /** Over how many steps betas[2] rises from betas[0]. Default null: at once. */
  readonly beta3Warmup?: number | null;
}

const definition: RuleDefinition<AdEMAMixOptions> = {
  name: 'AdEMAMix',
  defaults: {
    lr: 1e-3,
    betas: [0.9, 0.999, 0.9999],
    alpha: 2,
    eps: 1e-8,
    alphaWarmup: null,
    beta3Warmup: null,
    weightDecay: 0,
    maximize: false,
  },
  check({ betas, alpha, eps, alphaWarmup, beta3Warmup }) {
    checkBetas(betas, 3);
    checkAtLeast('alpha', alpha, 0);
    checkAtLeast('eps', eps, 0);
    if (alphaWarmup !== null) checkInteger('alphaWarmup', alphaWarmup, 1);
    if (beta3Warmup !== null) checkInteger('beta3Warmup', beta3Warmup, 1);
    if (beta3Warmup !== null && (betas[0] === 0 || betas[2] < betas[0])) {
      throw new RangeError(
        `beta3Warmup needs betas[0] above 0, and betas[2] from there on, got ${betas[0]} and ${betas[2]}`,
      );
    }
  },
  rule: () => 'ademamix',
  scalars: (options, lr, step) => {
    const {
      betas: [beta1, beta2],
      alpha,
      alphaWarmup,
      eps,
      weightDecay,
      maximize,
    } = options;
    const correction = Math.sqrt(1 - beta2 ** step);
    const rate = lr * correction;
    return {
      fastStep: rate / (1 - beta1 ** step),
      slowStep: rate * (alphaWarmup === null ? alpha : Math.min((step / alphaWarmup) * alpha, alpha)),
      ...{
        rest1: 1 - beta1,
        beta2,
        rest2: 1 - beta2,
        rest3: 1 - beta3At(options, step),
        eps: eps * correction,
      },
      ...{ shrink: 1 - lr * weightDecay, maximize: Number(maximize) },
    };
  },
};

/** The half-life of the slow mean rises linearly: the paper's equation 5. */
function beta3At({ betas: [beta1, , beta3], beta3Warmup }: Resolved<AdEMAMixOptions>, step: number): number {
  if (beta3Warmup === null || step >= beta3Warmup) return beta3;
  const [start, end, done] = [Math.log(beta1), Math.log(beta3), step / beta3Warmup];
  return Math.min(Math.exp((start * end) / ((1 - done) * end + done * start)), beta3);
}

/**
 * AdEMAMix (Pagliardini, Ablin & Grangier 2024, https://arxiv.org/abs/2409.03137, algorithm 1): Adam with a second mean of the gradients that
 * remembers tens of thousands of steps: p = p - lr (m1 / (1 - beta1^t) + alpha m2) / (sqrt(v / (1 - beta2^t)) + eps), the weight decay
 * decoupled. alpha is 2 as in the authors' code; the paper's runs have 5 to 10, with both warm-ups over all of the training. Three states:
 * 36 bytes a parameter and step.
 */
export class AdEMAMix extends Optimizer<AdEMAMixOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<AdEMAMixOptions>>, options: AdEMAMixOptions = {}) {
    super(definition, params, options);
  }
}
