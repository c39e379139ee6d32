import type { Parameter } from '../array/parameter.js';
import { sumTree } from '../backend/contract/reduction-order.js';
import type { RuleName } from '../backend/contract/rules.js';
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
import type { Json } from '../schedule/schedule.js';
import { checkBetas } from './adam.js';
import type { CommonOptions, Definition, ParamGroup } from './definition.js';
import { type Group, Optimizer, type ParameterState, type StepBatch } from './optimizer.js';

/** See {@link SWATS}. The default rate is 0.001. */
export interface SWATSOptions extends CommonOptions {
  /** The shares of the moments that are kept from step to step, in [0, 1); the first one is SGD's momentum too. Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Keeps the division finite; added to the root of the uncorrected second moment. Default 1e-9. */
  eps: number;
  /** How near the estimated rate must be to its running mean for the switch. Default 1e-9, the paper's. */
  switchTolerance: number;
  /** Takes the tolerance as a share of the running mean instead of absolutely. Default false. */
  switchRelative: boolean;
  /** What one estimate is made over, and switches at once: all weights, a parameter group, or a parameter. Default `'global'`. */
  scope: 'global' | 'group' | 'param';
  /** The first step that may switch; at step 1 estimate and mean are the same number. Default 2. */
  minSwitchStep: number;
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

const definition: Definition<SWATSOptions> = {
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
  rule: () => 'swats',
  scalars: ({ betas: [beta1, beta2], eps, weightDecay, maximize }, lr, step) => ({
    stepSize: (lr * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step),
    beta1,
    rest1: 1 - beta1,
    beta2,
    rest2: 1 - beta2,
    eps,
    weightDecay,
    maximize: Number(maximize),
  }),
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
export class SWATS extends Optimizer<SWATSOptions> {
  readonly #phases = new Map<object, Phase>();

  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<SWATSOptions>>, options: Partial<SWATSOptions> = {}) {
    super(definition, params, options);
  }

  /** `'sgd'` once all weights have switched, `'adam'` before. */
  get phase(): 'adam' | 'sgd' {
    return this.#allPhases().every(({ sgdLr }) => sgdLr !== null) ? 'sgd' : 'adam';
  }

  /** How many steps were taken when the last of the weights switched, or null before. */
  get switchStep(): number | null {
    const steps = this.#allPhases().map(({ switchStep }) => switchStep);
    return steps.reduce((last, step) => (last === null || step === null ? null : Math.max(last, step)));
  }

  /** The rate learnt for SGD (of the first scope, where there are several) before the schedule scales it, or null. */
  get sgdLr(): number | null {
    return this.#allPhases()[0].sgdLr;
  }

  protected override rate(group: Group<SWATSOptions>, state: ParameterState): number {
    const { sgdLr, switchStep } = this.#phaseOf(group, state);
    const scheduled = super.rate(group, state);
    if (sgdLr === null || switchStep === null) return scheduled;
    const reference = group.schedule.at(switchStep);
    return reference === 0 ? sgdLr : (sgdLr * scheduled) / reference;
  }

  protected override rules(): readonly RuleName[] {
    return ['swats', 'momentum'];
  }

  protected override rule(group: Group<SWATSOptions>, state: ParameterState): RuleName {
    return this.#phaseOf(group, state).sgdLr === null ? 'swats' : 'momentum';
  }

  protected override scalars(
    group: Group<SWATSOptions>,
    state: ParameterState,
    step: number,
  ): Readonly<Record<string, number>> {
    if (this.#phaseOf(group, state).sgdLr === null) return super.scalars(group, state, step);
    const { betas, weightDecay, maximize } = group.options;
    return {
      // The velocity is a plain sum, 1 / (1 - beta1) times a mean.
      lr: (1 - betas[0]) * this.rate(group, state),
      keep: betas[0],
      add: 1,
      nesterov: 0,
      weightDecay,
      maximize: Number(maximize),
    };
  }

  protected override scope(group: Group<SWATSOptions>, state: ParameterState): Phase {
    return this.#phaseOf(group, state);
  }

  protected override afterStep(batches: readonly StepBatch<SWATSOptions>[]): void {
    const products = new Map<Phase, { options: SWATSOptions; perTensor: number[][] }>();
    for (const { batch, rule, group, states } of batches) {
      if (rule !== 'swats') continue;
      const phase = this.#phaseOf(group, states[0]);
      const entry = products.get(phase) ?? { options: group.options, perTensor: [] };
      entry.perTensor.push(...batch.dotProducts());
      products.set(phase, entry);
    }
    for (const [phase, { options, perTensor }] of products) {
      const total = (d: number) => sumTree(0, perTensor.length, (i) => perTensor[i][d]);
      if (this.#estimate(phase, options, total(0), total(1))) this.#startSgd(phase);
    }
  }

  protected override extraState(): Json {
    return { phases: this.#allPhases().map((phase) => ({ ...phase })) };
  }

  protected override readExtraState(extra: unknown): () => void {
    checkObject('state.extra', extra);
    const { phases } = extra;
    const known = this.#allPhases();
    if (!Array.isArray(phases) || phases.length !== known.length) {
      throw new TypeError(
        `state.extra.phases must be an array of ${known.length} phases, got ${show(phases)}`,
      );
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

  /** One more estimate of the rate; true when it has settled. */
  #estimate(phase: Phase, options: SWATSOptions, pp: number, pg: number): boolean {
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

  #startSgd(phase: Phase): void {
    phase.switchStep = this.steps;
    for (const group of this.groups) {
      for (const state of group.states) {
        // The moments are given back; the velocity starts at zero.
        if (this.#phaseOf(group, state) === phase) state.arrays = { v: zerosLike(state.value, state.length) };
      }
    }
  }

  #phaseOf(group: Group<SWATSOptions>, state: ParameterState): Phase {
    const { scope } = group.options;
    const owner = scope === 'global' ? this : scope === 'group' ? group : state;
    let phase = this.#phases.get(owner);
    if (phase === undefined) {
      const key = scope === 'param' ? `${scope} ${state.key}` : `${scope} ${this.#phases.size}`;
      phase = { key, step: 0, lambda: 0, sgdLr: null, switchStep: null };
      this.#phases.set(owner, phase);
    }
    return phase;
  }

  #allPhases(): Phase[] {
    return [
      ...new Set(this.groups.flatMap((group) => group.states.map((state) => this.#phaseOf(group, state)))),
    ];
  }
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
