import type { Parameter } from '../array/parameter.js';
import { checkAtLeast, checkBoolean, checkDecayRate, checkGreater, checkNumber } from '../core/validate.js';
import { checkBetas } from './adam.js';
import type { AtStep, ParamGroup } from './common-options.js';
import { type DecayOptions, decayScalars } from './decay.js';
import type { RuleDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';

/** See {@link Prodigy}. The default rate is 1, which a schedule may multiply: the rest of the rate is estimated. */
export interface ProdigyOptions extends DecayOptions {
  /** The shares of the first and of the second moment that are kept from step to step, in [0, 1). Default [0.9, 0.999]. */
  readonly betas?: AtStep<readonly [number, number]>;
  /** The share of the estimate's sums that is kept, in [0, 1). Default null: the root of betas[1]. */
  readonly beta3?: number | null;
  /** Keeps the division finite; times the estimate added to the root of the second moment. Default 1e-8. */
  readonly eps?: number;
  /** The first estimate of the distance, above 0. Default 1e-6. */
  readonly d0?: number;
  /** What the estimate is multiplied by. Default 1. */
  readonly dCoef?: number;
  /** The most that the estimate may grow by in a step. Default Infinity. */
  readonly growthRate?: number;
  /** Whether the rate is multiplied by Adam's correction for moments that began at 0. Default false. */
  readonly useBiasCorrection?: boolean;
  /** Whether the estimate is divided by magnitudes without `lr`: for a rate that warms up. Default false. */
  readonly safeguardWarmup?: boolean;
}

interface Distance {
  /** The estimate. */
  d: number;
  /** The largest that was measured. */
  dMax: number;
  numerator: number;
  /** The estimate before any. */
  d0: number;
}

const definition: RuleDefinition<ProdigyOptions, Distance> = {
  name: 'Prodigy',
  defaults: {
    lr: 1,
    betas: [0.9, 0.999],
    beta3: null,
    eps: 1e-8,
    d0: 1e-6,
    dCoef: 1,
    growthRate: Number.POSITIVE_INFINITY,
    useBiasCorrection: false,
    safeguardWarmup: false,
    weightDecay: 0,
    decoupledWeightDecay: true,
    maximize: false,
  },
  check(options) {
    const { betas, beta3, eps, d0, dCoef, growthRate, useBiasCorrection, safeguardWarmup } = options;
    checkBetas(betas);
    if (beta3 !== null) checkDecayRate('beta3', beta3);
    checkAtLeast('eps', eps, 0);
    checkGreater('d0', d0, 0);
    checkGreater('dCoef', dCoef, 0);
    if (growthRate !== Number.POSITIVE_INFINITY) checkAtLeast('growthRate', growthRate, 1);
    checkBoolean('useBiasCorrection', useBiasCorrection);
    checkBoolean('safeguardWarmup', safeguardWarmup);
  },
  memory: {
    name: 'distances',
    scope: () => 'global',
    initial: () => ({ d: 0, dMax: 0, numerator: 0, d0: 0 }),
    read(name, { d, dMax, numerator, d0 }) {
      for (const [key, value] of Object.entries({ d, dMax, d0 })) checkAtLeast(`${name}.${key}`, value, 0);
      checkNumber(`${name}.numerator`, numerator);
      return { d: Number(d), dMax: Number(dMax), numerator, d0: Number(d0) };
    },
  },
  rule: () => 'prodigy',
  scalars: (options, lr, step, memory, steps) => {
    const {
      betas: [beta1, beta2],
      eps,
      d0,
      useBiasCorrection,
      safeguardWarmup,
      maximize,
    } = options;
    if (memory.d === 0) Object.assign(memory, { d: d0, dMax: d0, d0 });
    const { d } = memory;
    const rate = d * lr * (useBiasCorrection ? Math.sqrt(1 - beta2 ** steps) / (1 - beta1 ** steps) : 1);
    // With the first estimate beside them, numbers do not get too small.
    const weight = (d / memory.d0) * rate;
    return {
      ...{ rate, beta1, moment: d * (1 - beta1), beta2, square: d * d * (1 - beta2) },
      ...{
        beta3: beta3Of(options),
        ...{ weight, share: safeguardWarmup ? (d / memory.d0) * d : weight },
        eps: d * eps,
        first: Number(step === 1),
      },
      ...decayScalars(options, rate),
      maximize: Number(maximize),
    };
  },
  after({ options, memory, dots: [product, size] }) {
    const { d, d0 } = memory;
    memory.numerator = beta3Of(options) * memory.numerator + product;
    if (!(size > 0)) return;
    const measured = (options.dCoef * memory.numerator) / size;
    memory.dMax = Math.max(memory.dMax, measured);
    const least = d === d0 ? Math.max(d, measured) : d;
    memory.d = Math.min(memory.dMax, least * options.growthRate);
  },
};

function beta3Of({
  betas: [, beta2],
  beta3,
}: {
  readonly betas: readonly [number, number];
  readonly beta3: number | null;
}): number {
  return beta3 ?? Math.sqrt(beta2);
}

/**
 * Prodigy (Mishchenko & Defazio 2023, https://arxiv.org/abs/2306.06101, algorithm 4): Adam that finds its rate. d is the largest lower bound
 * so far of how far the solution is from where the training began: the mean of lr d^2 g.(p_0 - p), over the sum of the magnitudes of
 * the mean of lr d^2 g, over all parameters, in double. m = beta1 m + (1 - beta1) d g; v = beta2 v + (1 - beta2) d^2 g^2;
 * p = p - lr d m / (sqrt(v) + d eps). As in the paper all of a step has the d from before it; the authors' code has that after it
 * beside eps. Four states: 44 bytes a parameter and step. All groups share one estimate, in which each counts with its own rate; the
 * other options that it is made of are the first's.
 */
export class Prodigy extends Optimizer<ProdigyOptions, Distance> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<ProdigyOptions>>, options: ProdigyOptions = {}) {
    super(definition, params, options);
  }

  /** The estimate of the distance: what the rate is multiplied by at the next step; 0 before the first. */
  get d(): number {
    return this.memories[0].d;
  }
}
