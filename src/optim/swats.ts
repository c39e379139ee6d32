import type { Parameter } from '../array/parameter.js';
import {
  checkAtLeast,
  checkBoolean,
  checkGreater,
  checkInteger,
  checkNumber,
  checkOneOf,
} from '../core/validate.js';
import { checkBetas } from './adam.js';
import type { AtStep, ParamGroup, Resolved } from './common-options.js';
import { type DecayOptions, decayScalars } from './decay.js';
import type { RuleDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';

/** See {@link SWATS}. The default rate is 0.001. */
export interface SWATSOptions extends DecayOptions {
  /** The shares of the moments that are kept from step to step, in [0, 1); the first one is SGD's momentum too. Default [0.9, 0.999]. */
  readonly betas?: AtStep<readonly [number, number]>;
  /** Keeps the division finite; added to the root of the uncorrected second moment. Default 1e-9. */
  readonly eps?: number;
  /** How near the estimated rate must be to its running mean for the switch. Default 1e-9, the paper's. */
  readonly switchTolerance?: number;
  /** Takes the tolerance as a share of the running mean instead of absolutely. Default false. */
  readonly switchRelative?: boolean;
  /** What one estimate is made over, and switches at once: all weights, a parameter group, or a parameter. Default `'global'`. */
  readonly scope?: 'global' | 'group' | 'param';
  /** The first step that may switch; at step 1 estimate and mean are the same number. Default 2. */
  readonly minSwitchStep?: number;
}

/** Where the weights of one scope are between Adam and SGD. */
interface Phase {
  /** Adam steps taken. */
  step: number;
  /** The uncorrected running mean of the estimates. */
  lambda: number;
  /** The rate learnt, null before the switch. */
  sgdLr: number | null;
  /** The optimizer's step count at the switch. */
  switchStep: number | null;
}

const definition: RuleDefinition<SWATSOptions, Phase> = {
  name: 'SWATS',
  defaults: {
    lr: 1e-3,
    betas: [0.9, 0.999],
    eps: 1e-9,
    weightDecay: 0,
    switchTolerance: 1e-9,
    switchRelative: false,
    scope: 'global',
    minSwitchStep: 2,
    decoupledWeightDecay: false,
    maximize: false,
  },
  check({ betas, eps, switchTolerance, switchRelative, scope, minSwitchStep }) {
    checkBetas(betas);
    checkAtLeast('eps', eps, 0);
    checkAtLeast('switchTolerance', switchTolerance, 0);
    checkBoolean('switchRelative', switchRelative);
    checkOneOf('scope', scope, ['global', 'group', 'param']);
    checkInteger('minSwitchStep', minSwitchStep, 2);
  },
  memory: {
    name: 'phases',
    scope: ({ scope }) => scope,
    initial: () => ({ step: 0, lambda: 0, sgdLr: null, switchStep: null }),
    read: readPhase,
  },
  rate(scheduled, { lr }, { sgdLr, switchStep }) {
    if (sgdLr === null || switchStep === null) return scheduled;
    const reference = lr.at(switchStep);
    return reference === 0 ? sgdLr : (sgdLr * scheduled) / reference;
  },
  // The moments are given back at the switch; the velocity starts at zero.
  rule: (_, { sgdLr }) => (sgdLr === null ? 'swats' : 'momentum'),
  scalars: (options, rate, step, { sgdLr }) =>
    sgdLr === null ? adamScalars(options, rate, step) : sgdScalars(options, rate),
  after({ options, memory, steps, dots: [pp, pg] }) {
    const learnt = estimate(memory, options, pp, pg);
    if (learnt !== null) Object.assign(memory, { sgdLr: learnt, switchStep: steps });
  },
};

/**
 * SWATS (Keskar & Socher 2017, https://arxiv.org/abs/1712.07628, algorithm 1): Adam that turns into SGD with momentum
 * once the rate that SGD would need has settled.
 *
 * Adam phase, at step k with g the gradient plus `weightDecay` times w: m = beta1 m + (1 - beta1) g;
 * a = beta2 a + (1 - beta2) g^2; p = -lr sqrt(1 - beta2^k) / (1 - beta1^k) m / (sqrt(a) + eps); w = w + p. The rate
 * of SGD whose step projects onto p is gamma = p.p / -(p.g), over all weights of the scope and in double; lambda is
 * its running mean, lambda = beta2 lambda + (1 - beta2) gamma. The switch comes when
 * |lambda / (1 - beta2^k) - gamma| < switchTolerance and that mean is above zero: the paper has no such condition,
 * and a negative rate would climb. SGD phase: v = beta1 v + g; w = w - (1 - beta1) rate v.
 *
 * After the switch the schedule goes on scaling the rate learnt: it is multiplied by at(t) / at(switchStep).
 */
export class SWATS extends Optimizer<SWATSOptions, Phase> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<SWATSOptions>>, options: SWATSOptions = {}) {
    super(definition, params, options);
  }

  /** `'sgd'` once all weights have switched, `'adam'` before. */
  get phase(): 'adam' | 'sgd' {
    return this.memories.every(({ sgdLr }) => sgdLr !== null) ? 'sgd' : 'adam';
  }

  /** How many steps were taken when the last of the weights switched, or null before. */
  get switchStep(): number | null {
    const steps = this.memories.map(({ switchStep }) => switchStep);
    return steps.reduce((last, step) => (last === null || step === null ? null : Math.max(last, step)));
  }

  /** The rate learnt for SGD (of the first scope, where there are several) before the schedule scales it, or null. */
  get sgdLr(): number | null {
    return this.memories[0].sgdLr;
  }
}

function adamScalars(
  { betas: [beta1, beta2], eps, maximize, ...decay }: Resolved<SWATSOptions>,
  rate: number,
  step: number,
) {
  return {
    stepSize: (rate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step),
    beta1,
    rest1: 1 - beta1,
    beta2,
    rest2: 1 - beta2,
    eps,
    ...decayScalars(decay, rate),
    maximize: Number(maximize),
  };
}

function sgdScalars({ betas: [beta1], maximize, ...decay }: Resolved<SWATSOptions>, rate: number) {
  return {
    // The velocity is a plain sum, 1 / (1 - beta1) times a mean.
    lr: (1 - beta1) * rate,
    keep: beta1,
    add: 1,
    nesterov: 0,
    ...decayScalars(decay, rate),
    maximize: Number(maximize),
  };
}

/** Takes one more estimate of the rate; returns the rate where it has settled, else null. */
function estimate(
  phase: Phase,
  { betas: [, beta2], switchTolerance, switchRelative, minSwitchStep }: Resolved<SWATSOptions>,
  pp: number,
  pg: number,
): number | null {
  phase.step++;
  if (pg === 0) return null;
  const gamma = pp / -pg;
  phase.lambda = beta2 * phase.lambda + (1 - beta2) * gamma;
  const mean = phase.lambda / (1 - beta2 ** phase.step);
  const tolerance = switchRelative ? switchTolerance * mean : switchTolerance;
  const settled = phase.step >= minSwitchStep && mean > 0 && Math.abs(mean - gamma) < tolerance;
  return settled ? mean : null;
}

function readPhase(
  name: string,
  { step, lambda, sgdLr, switchStep }: Readonly<Record<string, unknown>>,
): Phase {
  checkInteger(`${name}.step`, step, 0);
  checkNumber(`${name}.lambda`, lambda);
  if (sgdLr === null && switchStep === null) return { step, lambda, sgdLr, switchStep };
  checkGreater(`${name}.sgdLr`, sgdLr, 0);
  checkInteger(`${name}.switchStep`, switchStep, 1);
  return { step, lambda, sgdLr, switchStep };
}
