import { checkOptions, type OptionNames } from '../core/options.js';
import {
  checkAtLeast,
  checkBoolean,
  checkDecayRate,
  checkFinite,
  checkGreater,
  checkInteger,
  checkOneOf,
} from '../core/validate.js';
import { ANNEAL, type cosineAnneal, STRATEGIES } from './anneal.js';
import { fromRate, type Schedule } from './schedule.js';

/** When each phase of a cycle is, and which shape it has. */
interface CycleOptions {
  /** Steps in the cycle; the rate then stays at its last value. */
  readonly steps: number;
  /** The share of the steps in which the rate rises, in [0, 1]; at most 0.5 with three phases. Default 0.3. */
  readonly pctStart?: number;
  /** The shape of each phase. Default `'cos'`. */
  readonly annealStrategy?: (typeof STRATEGIES)[number];
  /** Falls back to the first rate as fast as it rose, and only then on to the last. Default false: in one go. */
  readonly threePhase?: boolean;
}

export interface OneCycleOptions extends CycleOptions {
  /** The highest rate. */
  readonly max: number;
  /** The first rate is `max / divFactor`. Default 25. */
  readonly divFactor?: number;
  /** The last rate is the first one divided by this. Default 1e4. */
  readonly finalDivFactor?: number;
}

export interface OneCycleMomentumOptions extends CycleOptions {
  /** The momentum where the rate is highest, in [0, 1). Default 0.85. */
  readonly base?: number;
  /** The momentum where the rate is lowest, at least `base` and below 1. Default 0.95. */
  readonly max?: number;
}

const CYCLE = { steps: true, pctStart: true, annealStrategy: true, threePhase: true } as const;
const OPTIONS: OptionNames<OneCycleOptions> = { max: true, divFactor: true, finalDivFactor: true, ...CYCLE };
const MOMENTUM_OPTIONS: OptionNames<OneCycleMomentumOptions> = { base: true, max: true, ...CYCLE };

interface Phase {
  /** The step at which the phase reaches its rate; not always an integer. */
  readonly end: number;
  readonly rate: number;
}

/**
 * Up to `max` and down to almost nothing (Smith and Topin 2018, super-convergence); the rates of PyTorch's `OneCycleLR`.
 * Its momenta are those of {@link oneCycleMomentum}. Past `steps`, where PyTorch raises an error, the rate stays at its last
 * value.
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  checkOptions('oneCycle', options, OPTIONS);
  const { max, divFactor = 25, finalDivFactor = 1e4 } = options;
  checkAtLeast('max', max, 0);
  checkGreater('divFactor', divFactor, 0);
  checkGreater('finalDivFactor', finalDivFactor, 0);
  const first = max / divFactor;
  return oneCycleOf({ first, top: max, last: first / finalDivFactor }, options, 'lr');
}

/**
 * The momentum that goes with {@link oneCycle} of the same steps: down to `base` while the rate rises, and up to `max` again
 * while it falls; PyTorch's `OneCycleLR` with `cycle_momentum=True`.
 *
 * ```ts
 * new SGD(params, { lr: oneCycle({ max: 0.1, steps }), momentum: oneCycleMomentum({ steps }) });
 * new Adam(params, { lr: oneCycle({ max: 1e-3, steps }), betas: [oneCycleMomentum({ steps }), 0.999] });
 * ```
 */
export function oneCycleMomentum(options: OneCycleMomentumOptions): Schedule {
  checkOptions('oneCycleMomentum', options, MOMENTUM_OPTIONS);
  const { base = 0.85, max = 0.95 } = options;
  checkMomenta(base, max);
  return oneCycleOf({ first: max, top: base, last: max }, options, 'momentum');
}

/** Two momenta of a cycle: [0, 1), the first one no larger. */
export function checkMomenta(base: unknown, max: unknown): void {
  checkDecayRate('base', base);
  checkDecayRate('max', max);
  checkAtLeast('max', max, base);
}

/** From `first` to `top` and on to `last`, with or without `first` in between. */
function oneCycleOf(
  { first, top, last }: { readonly first: number; readonly top: number; readonly last: number },
  { steps, pctStart = 0.3, annealStrategy = 'cos', threePhase = false }: CycleOptions,
  name: string,
): Schedule {
  checkInteger('steps', steps, 1);
  checkOneOf('annealStrategy', annealStrategy, STRATEGIES);
  checkBoolean('threePhase', threePhase);
  checkShare('pctStart', pctStart, threePhase ? 0.5 : 1);
  const phases: Phase[] = [{ end: pctStart * steps - 1, rate: top }];
  if (threePhase) phases.push({ end: 2 * pctStart * steps - 2, rate: first });
  phases.push({ end: steps - 1, rate: last });
  return fromRate((step) => phaseRate(first, phases, step, ANNEAL[annealStrategy]), name);
}

function phaseRate(
  first: number,
  phases: readonly Phase[],
  step: number,
  anneal: typeof cosineAnneal,
): number {
  let start: Phase = { end: 0, rate: first };
  for (const phase of phases) {
    if (step <= phase.end) {
      const length = phase.end - start.end;
      return length > 0 ? anneal(start.rate, phase.rate, (step - start.end) / length) : phase.rate;
    }
    start = phase;
  }
  return start.rate;
}

function checkShare(name: string, value: unknown, most: number): void {
  checkFinite(name, value);
  if (!(value >= 0 && value <= most)) throw new RangeError(`${name} must be in [0, ${most}], got ${value}`);
}
