import type { Parameter } from '../array/parameter.js';
import { sumTree } from '../backend/contract/reduction-order.js';
import { zerosLike } from '../core/float-arrays.js';
import {
  checkAtLeast,
  checkBoolean,
  checkGreater,
  checkInteger,
  checkNumber,
  checkObject,
  checkOneOf,
  show,
} from '../core/validate.js';
import { checkBetas } from './adam.js';
import type { StepBatch } from './batches.js';
import type { CommonOptions, ParamGroup, Resolved } from './common-options.js';
import type { RuleDefinition } from './definition.js';
import type { Group, ParameterState } from './group.js';
import { Optimizer } from './optimizer.js';

/** See {@link SWATS}. The default rate is 0.001. */
export interface SWATSOptions extends CommonOptions {
  /** The shares of the moments that are kept from step to step, in [0, 1); the first one is SGD's momentum too. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
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
  readonly key: string;
  /** Adam steps taken. */
  step: number;
  /** The uncorrected running mean of the estimates. */
  lambda: number;
  /** The rate learnt, null before the switch. */
  sgdLr: number | null;
  /** The optimizer's step count at the switch. */
  switchStep: number | null;
}

const DEFAULTS: Resolved<SWATSOptions> = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-9,
  weightDecay: 0,
  switchTolerance: 1e-9,
  switchRelative: false,
  scope: 'global',
  minSwitchStep: 2,
  maximize: false,
};

function check(options: Resolved<SWATSOptions>): void {
  const { betas, eps, switchTolerance, switchRelative, scope, minSwitchStep } = options;
  checkBetas(betas);
  checkAtLeast('eps', eps, 0);
  checkAtLeast('switchTolerance', switchTolerance, 0);
  checkBoolean('switchRelative', switchRelative);
  checkOneOf('scope', scope, ['global', 'group', 'param']);
  checkInteger('minSwitchStep', minSwitchStep, 2);
}

type Scalars = Readonly<Record<string, number>>;

function adamScalars(options: Resolved<SWATSOptions>, lr: number, step: number): Scalars {
  const { betas, eps, weightDecay, maximize } = options;
  const [beta1, beta2] = betas;
  return {
    stepSize: (lr * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step),
    beta1,
    rest1: 1 - beta1,
    beta2,
    rest2: 1 - beta2,
    eps,
    weightDecay,
    maximize: Number(maximize),
  };
}

function sgdScalars({ betas, weightDecay, maximize }: Resolved<SWATSOptions>, lr: number): Scalars {
  return {
    // The velocity is a plain sum, 1 / (1 - beta1) times a mean.
    lr: (1 - betas[0]) * lr,
    keep: betas[0],
    add: 1,
    nesterov: 0,
    weightDecay,
    maximize: Number(maximize),
  };
}

/** The definition of one optimizer, whose phases these are. */
function definitionOf(phases: Phases): RuleDefinition<SWATSOptions> {
  return {
    name: 'SWATS',
    defaults: DEFAULTS,
    check,
    rules: () => ['swats', 'momentum'],
    rule: (_, state, group) => (phases.of(state, group).sgdLr === null ? 'swats' : 'momentum'),
    scope: (state, group) => phases.of(state, group),
    rate(scheduled, state, group) {
      const { sgdLr, switchStep } = phases.of(state, group);
      if (sgdLr === null || switchStep === null) return scheduled;
      const reference = group.schedule.at(switchStep);
      return reference === 0 ? sgdLr : (sgdLr * scheduled) / reference;
    },
    scalars: (options, rate, step, state, group) =>
      phases.of(state, group).sgdLr === null ? adamScalars(options, rate, step) : sgdScalars(options, rate),
    afterStep: (batches, groups, steps) => phases.estimate(batches, groups, steps),
    extra: {
      write: (groups) => ({ phases: phases.all(groups).map((phase) => ({ ...phase })) }),
      read: (value, groups) => readPhases(value, phases.all(groups)),
    },
  };
}

type SwatsGroup = Group<SWATSOptions>;

/** Where all weights of an optimizer are between Adam and SGD. */
class Phases {
  readonly #byOwner = new Map<object, Phase>();

  of(state: ParameterState, group: SwatsGroup): Phase {
    const { scope } = group.options;
    const owner = scope === 'global' ? this : scope === 'group' ? group : state;
    let phase = this.#byOwner.get(owner);
    if (phase === undefined) {
      const key = scope === 'param' ? `${scope} ${state.key}` : `${scope} ${this.#byOwner.size}`;
      phase = { key, step: 0, lambda: 0, sgdLr: null, switchStep: null };
      this.#byOwner.set(owner, phase);
    }
    return phase;
  }

  all(groups: readonly SwatsGroup[]): Phase[] {
    return [...new Set(groups.flatMap((group) => group.states.map((state) => this.of(state, group))))];
  }

  /** One more estimate for every phase that took an Adam step; those that have settled go on with SGD. */
  estimate(batches: readonly StepBatch<SWATSOptions>[], groups: readonly SwatsGroup[], steps: number): void {
    const products = new Map<Phase, { options: Resolved<SWATSOptions>; perTensor: number[][] }>();
    for (const { batch, rule, group, states } of batches) {
      if (rule !== 'swats') continue;
      const phase = this.of(states[0], group);
      const entry = products.get(phase) ?? { options: group.options, perTensor: [] };
      entry.perTensor.push(...batch.dotProducts());
      products.set(phase, entry);
    }
    for (const [phase, { options, perTensor }] of products) {
      const total = (d: number) => sumTree(0, perTensor.length, (i) => perTensor[i][d]);
      if (hasSettled(phase, options, total(0), total(1))) this.#startSgd(phase, groups, steps);
    }
  }

  #startSgd(phase: Phase, groups: readonly SwatsGroup[], steps: number): void {
    phase.switchStep = steps;
    for (const group of groups) {
      for (const state of group.states) {
        // The moments are given back; the velocity starts at zero.
        if (this.of(state, group) === phase) state.arrays = { v: zerosLike(state.value, state.length) };
      }
    }
  }
}

/** One more estimate of the rate; true when it has settled. */
function hasSettled(phase: Phase, options: Resolved<SWATSOptions>, pp: number, pg: number): boolean {
  const { betas, switchTolerance, switchRelative, minSwitchStep } = options;
  phase.step++;
  if (pg === 0) return false;
  const gamma = pp / -pg;
  phase.lambda = betas[1] * phase.lambda + (1 - betas[1]) * gamma;
  const mean = phase.lambda / (1 - betas[1] ** phase.step);
  const tolerance = switchRelative ? switchTolerance * mean : switchTolerance;
  const settled = phase.step >= minSwitchStep && mean > 0 && Math.abs(mean - gamma) < tolerance;
  if (settled) phase.sgdLr = mean;
  return settled;
}

/** Checks what `extra.write` gave. */
function readPhases(value: unknown, known: readonly Phase[]): () => void {
  checkObject('state.extra', value);
  const { phases } = value;
  if (!Array.isArray(phases) || phases.length !== known.length) {
    throw new TypeError(`state.extra.phases must be an array of ${known.length} phases, got ${show(phases)}`);
  }
  const loaded = Array.from(phases, (phase: unknown, i) =>
    readPhase(`state.extra.phases[${i}]`, known[i].key, phase),
  );
  return () => {
    known.forEach((phase, i) => {
      Object.assign(phase, loaded[i]);
    });
  };
}

function readPhase(name: string, key: string, phase: unknown): Phase {
  checkObject(name, phase);
  const { step, lambda, sgdLr, switchStep } = phase;
  if (phase.key !== key) throw new RangeError(`${name}.key must be ${show(key)}, got ${show(phase.key)}`);
  checkInteger(`${name}.step`, step, 0);
  checkNumber(`${name}.lambda`, lambda);
  if (sgdLr === null && switchStep === null) return { key, step, lambda, sgdLr, switchStep };
  checkGreater(`${name}.sgdLr`, sgdLr, 0);
  checkInteger(`${name}.switchStep`, switchStep, 1);
  return { key, step, lambda, sgdLr, switchStep };
}

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
export class SWATS extends Optimizer<SWATSOptions> {
  readonly #phases: Phases;

  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<SWATSOptions>>, options: SWATSOptions = {}) {
    const phases = new Phases();
    super(definitionOf(phases), params, options);
    this.#phases = phases;
  }

  /** `'sgd'` once all weights have switched, `'adam'` before. */
  get phase(): 'adam' | 'sgd' {
    return this.#phases.all(this.groups).every(({ sgdLr }) => sgdLr !== null) ? 'sgd' : 'adam';
  }

  /** How many steps were taken when the last of the weights switched, or null before. */
  get switchStep(): number | null {
    const steps = this.#phases.all(this.groups).map(({ switchStep }) => switchStep);
    return steps.reduce((last, step) => (last === null || step === null ? null : Math.max(last, step)));
  }

  /** The rate learnt for SGD (of the first scope, where there are several) before the schedule scales it, or null. */
  get sgdLr(): number | null {
    return this.#phases.all(this.groups)[0].sgdLr;
  }
}
