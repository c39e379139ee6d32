import type { Parameter } from '../array/parameter.js';
import { checkAtLeast } from '../core/validate.js';
import { checkBetas } from './adam.js';
import type { AtStep, ParamGroup } from './common-options.js';
import { type DecayOptions, decayScalars } from './decay.js';
import type { RuleDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';

/** See {@link NAdam}. The default rate is 0.002. */
export interface NAdamOptions extends DecayOptions {
  /** The shares of the first and of the second moment that are kept from step to step, in [0, 1). Default [0.9, 0.999]. The first is the same at all steps. */
  readonly betas?: readonly [number, AtStep<number>];
  /** Keeps the division finite; added to the root of the corrected second moment. Default 1e-8. */
  readonly eps?: number;
  /** How fast the momentum rises to betas[0]. Default 0.004. */
  readonly momentumDecay?: number;
}

const definition: RuleDefinition<NAdamOptions> = {
  name: 'NAdam',
  defaults: {
    lr: 2e-3,
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 0,
    momentumDecay: 4e-3,
    decoupledWeightDecay: false,
    maximize: false,
  },
  check(options) {
    checkBetas(options.betas);
    checkAtLeast('eps', options.eps, 0);
    checkAtLeast('momentumDecay', options.momentumDecay, 0);
  },
  rule: () => 'nadam',
  scalars: (options, lr, step) => {
    const {
      betas: [beta1, beta2],
      eps,
      momentumDecay,
      maximize,
    } = options;
    const correction = Math.sqrt(1 - beta2 ** step);
    const [now, next] = [momentumAt(step, beta1, momentumDecay), momentumAt(step + 1, beta1, momentumDecay)];
    const product = productUntil(step, beta1, momentumDecay);
    return {
      gradientStep: (lr * correction * (1 - now)) / (1 - product),
      momentStep: (lr * correction * next) / (1 - product * next),
      ...{ rest1: 1 - beta1, beta2, rest2: 1 - beta2, eps: eps * correction },
      ...decayScalars(options, lr),
      maximize: Number(maximize),
    };
  },
};

function momentumAt(step: number, beta1: number, decay: number): number {
  return beta1 * (1 - 0.5 * 0.96 ** (step * decay));
}

/** The last products that were asked for, by momentum: the next step needs one factor more. */
const products = new Map<string, { step: number; product: number }>();

/** More momenta than optimizers have at a time. */
const MOST_PRODUCTS = 64;

/** The product of the momenta of all steps until this one: multiplied from the first on, also where a run goes on. */
export function productUntil(step: number, beta1: number, decay: number): number {
  const key = `${beta1} ${decay}`;
  const known = products.get(key);
  const from = known !== undefined && known.step <= step ? known : { step: 0, product: 1 };
  let { product } = from;
  for (let s = from.step + 1; s <= step; s++) product *= momentumAt(s, beta1, decay);
  if (products.size >= MOST_PRODUCTS) products.clear();
  products.set(key, { step, product });
  return product;
}

/**
 * NAdam (Dozat 2016, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ), PyTorch's: Adam with Nesterov's momentum.
 *
 * At step t, mu_t = beta1 (1 - 0.96^(t momentumDecay) / 2), and M_t the product of all mu until t;
 * p = p - lr (1 - mu_t) / (1 - M_t) g / d - lr mu_(t+1) / (1 - M_t mu_(t+1)) m / d, with m and v as Adam's and
 * d = sqrt(v / (1 - beta2^t)) + eps.
 */
export class NAdam extends Optimizer<NAdamOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<NAdamOptions>>, options: NAdamOptions = {}) {
    super(definition, params, options);
  }
}
