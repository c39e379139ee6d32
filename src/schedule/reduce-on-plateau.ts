import { checkOptions, type OptionNames } from '../core/options.js';
import {
  checkAtLeast,
  checkDecayRate,
  checkFinite,
  checkInteger,
  checkObject,
  checkOneOf,
  show,
} from '../core/validate.js';
import { compose } from './compose.js';
import { type LearningRate, type Schedule, toSchedule } from './schedule.js';

const MODES = ['min', 'max'] as const;
const THRESHOLD_MODES = ['rel', 'abs'] as const;

export interface ReduceOnPlateauOptions {
  /** Whether a lower or a higher metric is better. Default `'min'`. */
  readonly mode?: (typeof MODES)[number];
  /** What each reduction multiplies the rate by, in [0, 1). Default 0.1. */
  readonly factor?: number;
  /** Observations in a row without improvement that are borne; the next one reduces the rate. Default 10. */
  readonly patience?: number;
  /** How much better than the best a metric must be to count as an improvement. Default 1e-4. */
  readonly threshold?: number;
  /** Whether `threshold` is a share of the best metric's magnitude or an amount. Default `'rel'`. */
  readonly thresholdMode?: (typeof THRESHOLD_MODES)[number];
  /** Observations after a reduction in which nothing is counted. Default 0. */
  readonly cooldown?: number;
  /** No reduction goes below this rate. Default 0. */
  readonly minLr?: number;
  /** A reduction by no more than this is not made. Default 1e-8. */
  readonly eps?: number;
}

const OPTIONS: OptionNames<ReduceOnPlateauOptions> = {
  mode: true,
  factor: true,
  patience: true,
  threshold: true,
  thresholdMode: true,
  cooldown: true,
  minLr: true,
  eps: true,
};

/**
 * Multiplies the rate by `factor` when the metric given to `optimizer.observe` has stopped improving; PyTorch's
 * `ReduceLROnPlateau`. `lr` may itself be a schedule, whose rate is then multiplied by `factor` to the number of reductions.
 *
 * Two differences from PyTorch. For a negative best metric a relative threshold asks for an improvement, where PyTorch's formula
 * `best * (1 - threshold)` takes a slightly worse metric for one. A metric that is not finite never is an improvement.
 */
export function reduceOnPlateau(lr: LearningRate, options: ReduceOnPlateauOptions = {}): Schedule {
  const base = toSchedule(lr);
  const settings = resolve(options);
  const { factor, patience, cooldown, minLr, eps } = settings;
  let state: PlateauState = { best: null, bad: 0, cooldownLeft: 0, reducedAt: [] };

  function reduced(rate: number, reductions: number): number {
    return Math.max(rate * factor ** reductions, Math.min(rate, minLr));
  }

  function worthwhile(step: number): boolean {
    const rate = base.at(step);
    const reductions = state.reducedAt.length;
    return reduced(rate, reductions) - reduced(rate, reductions + 1) > eps;
  }

  return compose('reduceOnPlateau', base, [], {
    adjust: (rate, step) => reduced(rate, state.reducedAt.filter((reducedAt) => reducedAt <= step).length),
    memory: {
      observe(metric, step) {
        checkNotBefore(step, state.reducedAt.at(-1) ?? 0);
        const better = improves(metric, state.best, settings);
        const cooling = state.cooldownLeft > 0;
        const bad = better || cooling ? 0 : state.bad + 1;
        const reduce = bad > patience;
        state = {
          best: better ? metric : state.best,
          bad: reduce ? 0 : bad,
          cooldownLeft: reduce ? cooldown : state.cooldownLeft - (cooling ? 1 : 0),
          reducedAt: reduce && worthwhile(step) ? [...state.reducedAt, step] : state.reducedAt,
        };
      },
      save: () => ({ ...state, reducedAt: [...state.reducedAt] }),
      parse(saved) {
        const parsed = parseState(saved);
        return () => {
          state = parsed;
        };
      },
    },
  });
}

interface PlateauState {
  readonly best: number | null;
  /** Observations in a row without improvement. */
  readonly bad: number;
  readonly cooldownLeft: number;
  /** The step from which on each reduction holds: with these, `at` answers for past steps too. */
  readonly reducedAt: readonly number[];
}

type Settings = Required<ReduceOnPlateauOptions>;

function resolve(options: ReduceOnPlateauOptions): Settings {
  checkOptions('reduceOnPlateau', options, OPTIONS);
  const {
    mode = 'min',
    factor = 0.1,
    patience = 10,
    threshold = 1e-4,
    thresholdMode = 'rel',
    cooldown = 0,
    minLr = 0,
    eps = 1e-8,
  } = options;
  checkOneOf('mode', mode, MODES);
  checkDecayRate('factor', factor);
  checkInteger('patience', patience, 0);
  checkAtLeast('threshold', threshold, 0);
  checkOneOf('thresholdMode', thresholdMode, THRESHOLD_MODES);
  checkInteger('cooldown', cooldown, 0);
  checkAtLeast('minLr', minLr, 0);
  checkAtLeast('eps', eps, 0);
  return { mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps };
}

function improves(metric: number, best: number | null, settings: Settings): boolean {
  if (!Number.isFinite(metric)) return false;
  if (best === null) return true;
  const margin = settings.thresholdMode === 'rel' ? Math.abs(best) * settings.threshold : settings.threshold;
  return settings.mode === 'min' ? metric < best - margin : metric > best + margin;
}

function checkNotBefore(step: number, last: number): void {
  if (step < last) {
    throw new RangeError(`step must not be before the last reduction, at step ${last}, got ${step}`);
  }
}

function parseState(saved: unknown): PlateauState {
  checkObject('state.memory', saved);
  const { best, bad, cooldownLeft, reducedAt } = saved;
  if (best !== null) checkFinite('state.memory.best', best);
  checkInteger('state.memory.bad', bad, 0);
  checkInteger('state.memory.cooldownLeft', cooldownLeft, 0);
  return { best, bad, cooldownLeft, reducedAt: parseSteps('state.memory.reducedAt', reducedAt) };
}

function parseSteps(name: string, value: unknown): number[] {
  if (!Array.isArray(value)) throw new TypeError(`${name} must be an array of steps, got ${show(value)}`);
  let last = 0;
  return value.map((step: unknown, i) => {
    checkInteger(`${name}[${i}]`, step, last);
    last = step;
    return step;
  });
}
