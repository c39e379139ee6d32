import { checkOptions, type OptionNames } from '../core/options.js';
import {
  checkAtLeast,
  checkBoolean,
  checkFinite,
  checkGreater,
  checkInteger,
  checkOneOf,
} from '../core/validate.js';
import { cosineAnneal, linearAnneal } from './anneal.js';
import { fromRate, type Schedule } from './schedule.js';

const ANNEAL = { cos: cosineAnneal, linear: linearAnneal };
const STRATEGIES = ['cos', 'linear'] as const;

export interface OneCycleOptions {
  /** The highest rate. */
  readonly max: number;
  /** Steps in the cycle; the rate then stays at its last value. */
  readonly steps: number;
  /** The share of the steps in which the rate rises, in [0, 1]; at most 0.5 with three phases. Default 0.3. */
  readonly pctStart?: number;
  /** The shape of each phase. Default `'cos'`. */
  readonly annealStrategy?: (typeof STRATEGIES)[number];
  /** The first rate is `max / divFactor`. Default 25. */
  readonly divFactor?: number;
  /** The last rate is the first one divided by this. Default 1e4. */
  readonly finalDivFactor?: number;
  /** Falls back to the first rate as fast as it rose, and only then on to the last. Default false: in one go. */
  readonly threePhase?: boolean;
}

const OPTIONS: OptionNames<OneCycleOptions> = {
  max: true,
  steps: true,
  pctStart: true,
  annealStrategy: true,
  divFactor: true,
  finalDivFactor: true,
  threePhase: true,
};

interface Phase {
  /** The step at which the phase reaches its rate; not always an integer. */
  readonly end: number;
  readonly rate: number;
}

/**
 * Up to `max` and down to almost nothing (Smith and Topin 2018, super-convergence); the rates of PyTorch's `OneCycleLR`.
 * The momentum is left alone, as with PyTorch's `cycle_momentum=False`. Past `steps`, where PyTorch raises an error, the rate stays
 * at its last value.
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  checkOptions('oneCycle', options, OPTIONS);
  const {
    max,
    steps,
    pctStart = 0.3,
    annealStrategy = 'cos',
    divFactor = 25,
    finalDivFactor = 1e4,
    threePhase = false,
  } = options;
  checkAtLeast('max', max, 0);
  checkInteger('steps', steps, 1);
  checkOneOf('annealStrategy', annealStrategy, STRATEGIES);
  checkGreater('divFactor', divFactor, 0);
  checkGreater('finalDivFactor', finalDivFactor, 0);
  checkBoolean('threePhase', threePhase);
  checkShare('pctStart', pctStart, threePhase ? 0.5 : 1);

  const first = max / divFactor;
  const phases: Phase[] = [{ end: pctStart * steps - 1, rate: max }];
  if (threePhase) phases.push({ end: 2 * pctStart * steps - 2, rate: first });
  phases.push({ end: steps - 1, rate: first / finalDivFactor });
  return fromRate((step) => phaseRate(first, phases, step, ANNEAL[annealStrategy]));
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
