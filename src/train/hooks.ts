import type { OptionNames } from '../core/options.js';
import { checkObject, show } from '../core/validate.js';
import type { EpochReport, History, PendingStep, Resumed, StepReport } from './reports.js';

/** What a hook returns to end the training. */
const STOP = 'stop';

/** What is about to begin. */
export interface TrainingPlan {
  /** The number of the first epoch. */
  readonly initialEpoch: number;
  readonly epochs: number;
  /** Null where only the end of an epoch tells. */
  readonly stepsPerEpoch: number | null;
  /** Where the run goes on; null where it begins. */
  readonly resumed: Resumed | null;
}

/** An epoch that is about to begin. */
export interface EpochStart {
  readonly epoch: number;
  /** Steps taken so far. */
  readonly step: number;
}

/** What `fit` calls, and waits for. The parameters may be read and written meanwhile. What one throws ends the training. */
export interface Hooks {
  /** Called once, before the first epoch. */
  readonly beforeTraining?: (plan: TrainingPlan) => unknown;
  /** Called before every epoch: not again for one in whose midst a run goes on. */
  readonly beforeEpoch?: (start: EpochStart) => unknown;
  /**
   * Called before every step, and waited for: looks at the gradients of the optimizer's parameters, or changes them.
   * `clipGradNorm` comes after it, then the step. What it throws ends the training before that step, and so does an abort of
   * `signal` meanwhile.
   */
  readonly beforeStep?: (step: PendingStep) => unknown;
  /**
   * Called after every step, and waited for: the average of `ema` has moved, the gradients are cleared. Where it returns `'stop'`,
   * the epoch ends with that step: it is judged and reported as any other, and is the last one.
   */
  readonly afterStep?: (report: StepReport) => unknown;
  /**
   * Called after every epoch, and waited for: after the validation, early stopping and the schedules' `observe`, with the
   * weights that learn in place. Where it returns `'stop'`, that epoch was the last one; `earlyStopping` then still puts the best
   * weights back.
   */
  readonly afterEpoch?: (report: EpochReport) => unknown;
  /** Called once, at the end, with the weights that the model ends with; not where an error ends the training. */
  readonly afterTraining?: (history: History) => unknown;
}

export const HOOKS: OptionNames<Hooks> = {
  beforeTraining: true,
  beforeEpoch: true,
  beforeStep: true,
  afterStep: true,
  afterEpoch: true,
  afterTraining: true,
};

export type HookName = keyof Hooks;
/** What a hook is told. */
export type Told<Name extends HookName> = Parameters<NonNullable<Hooks[Name]>>[0];

const NAMES: readonly HookName[] = [
  'beforeTraining',
  'beforeEpoch',
  'beforeStep',
  'afterStep',
  'afterEpoch',
  'afterTraining',
];

/** The hooks of all callbacks, by name. */
export class HookList {
  readonly #callbacks: readonly Hooks[];
  readonly #used: ReadonlySet<HookName>;

  /** @param callbacks in the order in which they are called. */
  constructor(callbacks: readonly Hooks[]) {
    this.#callbacks = callbacks;
    this.#used = new Set(NAMES.filter((name) => callbacks.some((callback) => callback[name] !== undefined)));
  }

  has(name: HookName): boolean {
    return this.#used.has(name);
  }

  /** Calls all of this name, one after the other. @returns whether one of them ends the training. */
  async call<Name extends HookName>(name: Name, told: Told<Name>): Promise<boolean> {
    let ends = false;
    for (const callback of this.#callbacks) {
      const hook: unknown = callback[name];
      if (typeof hook === 'function' && (await Reflect.apply(hook, callback, [told])) === STOP) ends = true;
    }
    return ends;
  }
}

/** The hooks among the options of `fit`, and those of its `callbacks`. @throws TypeError naming what is none. */
export function readHooks(own: Hooks, callbacks: unknown): HookList {
  if (!Array.isArray(callbacks)) throw new TypeError(`callbacks must be an array, got ${show(callbacks)}`);
  const given: unknown[] = callbacks;
  checkHooks('', own);
  for (const [i, callback] of given.entries()) {
    checkObject(`callbacks[${i}]`, callback);
    checkHooks(`callbacks[${i}].`, callback);
  }
  return new HookList([own, ...callbacks]);
}

function checkHooks(prefix: string, hooks: object): void {
  for (const name of NAMES) {
    const value: unknown = Reflect.get(hooks, name);
    if (value !== undefined && typeof value !== 'function') {
      throw new TypeError(`${prefix}${name} must be a function, got ${show(value)}`);
    }
  }
}
