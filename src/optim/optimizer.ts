import { clearGrad, type Parameter } from '../array/parameter.js';
import { type Clip, NO_CLIP, type RuleName } from '../backend/contract/rules.js';
import { plainCopies } from '../backend/memory.js';
import { settle } from '../backend/select.js';
import { failures, inStream, settled } from '../backend/stream.js';
import { type Copying, copiedState } from '../core/copied-state.js';
import { finishLoading, type Loading, prepareLoading } from '../core/loading.js';
import { asHolder, checkUnlocked, lock } from '../core/locks.js';
import { checkAtLeast, checkNumber, show } from '../core/validate.js';
import type { LearningRate, Schedule } from '../schedule/index.js';
import { loadScheduleStates, scheduleStates } from '../schedule/schedule.js';
import {
  type ClipGradNormOptions,
  gradNormSettings,
  measureGradNorm,
  measureNorm,
} from './clip-grad-norm.js';
import { clipGradValue } from './clip-grad-value.js';
import type { OptimizerOptions, ParamGroup, Resolved } from './common-options.js';
import { checkDefinition, type Definition } from './definition.js';
import { collectGradients, run } from './gradients.js';
import { ParameterGroups } from './groups.js';
import { type ParameterState, rateOf } from './parameter-state.js';
import { RuleStep } from './rule-step.js';
import { runRule } from './run-rule.js';
import { type OptimizerState, readState, writeState } from './state-dict.js';
import { checkLoss, type Loss, UpdateStep } from './update-step.js';

/** Runs `fn`, which must be synchronous, as what holds the lock, and queues its kernels. */
function queue<Result>(fn: () => Result): Result {
  return asHolder(() => inStream(fn));
}

/** Queues a step of `fit`, whose parameters are locked. @returns what is to be called when all is over, where there is such. */
export let queueStep: <Options extends OptimizerOptions, Memory extends object>(
  optimizer: Optimizer<Options, Memory>,
  closure: () => number,
) => (() => void) | null;
/** Whether a step of the optimizer reads elements. */
export let stepReads: <Options extends OptimizerOptions, Memory extends object>(
  optimizer: Optimizer<Options, Memory>,
) => boolean;

/** What `clipGradNorm` of an optimizer does, in two parts as {@link measureGradNorm}. */
export let measureGradients: <Options extends OptimizerOptions, Memory extends object>(
  optimizer: Optimizer<Options, Memory>,
  maxNorm: number,
  settings?: Required<ClipGradNormOptions>,
) => () => number;

/** Has the next step multiply gradients by that, as it reads them or at once. */
export let scaleGradients: <Options extends OptimizerOptions, Memory extends object>(
  optimizer: Optimizer<Options, Memory>,
  factor: number,
) => void;

/**
 * Takes a step that multiplies gradients by that as it reads them, and leaves them as they are.
 * @returns false where it cannot, and has done nothing.
 */
export let stepScaled: <Options extends OptimizerOptions, Memory extends object>(
  optimizer: Optimizer<Options, Memory>,
  factor: number,
) => boolean;

/**
 * Whether several optimizers can each step a share of the parameters: 'apart', 'together' where all have to know the dot products of
 * a step, as {@link queueShare} gives them; null where they cannot.
 */
export let canShare: <Options extends OptimizerOptions, Memory extends object>(
  optimizer: Optimizer<Options, Memory>,
) => 'apart' | 'together' | null;

/** As {@link queueStep}, of a share: what is to be called when all is over, and what all shares have found is known. */
export let queueShare: <Options extends OptimizerOptions, Memory extends object>(
  optimizer: Optimizer<Options, Memory>,
  closure: () => number,
) => Share | null;

interface Share {
  /** The dot products of the parameters that were stepped. */
  dots(): ReadonlyMap<Parameter, readonly number[]>;
  finish(dots: ReadonlyMap<Parameter, readonly number[]>): void;
}

/** Forgets the states of parameters that are never to be stepped here. */
export let dropStates: <Options extends OptimizerOptions, Memory extends object>(
  optimizer: Optimizer<Options, Memory>,
  isStepped: (parameter: Parameter) => boolean,
) => void;

/** The options of a parameter, and the rate of the next step. @throws RangeError where it is not among the parameters. */
export let optionsOf: <Options extends OptimizerOptions, Memory extends object>(
  optimizer: Optimizer<Options, Memory>,
  parameter: Parameter,
) => { readonly options: Resolved<Options>; readonly lr: number };

/** Remembers the learning rates of all groups. @returns what puts them back. */
export let keepRates: <Options extends OptimizerOptions, Memory extends object>(
  optimizer: Optimizer<Options, Memory>,
) => () => void;

/**
 * What all optimizers are: parameters, named state for each of them, and one pass over all of them per step. What sets one
 * apart is its {@link Definition}: `new Optimizer(definition, params, options)`, or a class that extends this one.
 */
export class Optimizer<Options extends OptimizerOptions = OptimizerOptions, Memory extends object = object> {
  readonly #definition: Definition<Options, Memory>;
  readonly #groups: ParameterGroups<Options, Memory>;
  readonly #taker: RuleStep<Options, Memory> | UpdateStep<Options, Memory>;
  #steps = 0;
  /** What the next step does to gradients as it reads them. */
  #clip: Clip = NO_CLIP;
  #isStepping = false;

  static {
    optionsOf = (optimizer, parameter) => {
      const state = optimizer.#groups.states.find((one) => one.parameter === parameter);
      if (state === undefined) throw new RangeError('parameter must be one of the optimizer');
      return {
        options: state.group.options,
        lr: rateOf(optimizer.#definition, state, optimizer.#steps),
      };
    };
    keepRates = (optimizer) => optimizer.#groups.keepRates();
    measureGradients = (optimizer, maxNorm, settings) => {
      const params = optimizer.parameters();
      if (!optimizer.#taker.clips) return measureGradNorm(params, maxNorm, settings);
      const clip = (scale: number) => {
        optimizer.#clip = { ...NO_CLIP, scale };
      };
      const measured = measureNorm(params, maxNorm, clip, settings);
      optimizer.#clip = NO_CLIP;
      return measured;
    };
    scaleGradients = (optimizer, factor) => {
      if (optimizer.#taker.clips) optimizer.#clip = { ...NO_CLIP, scale: factor };
      else run('scale', { factor }, collectGradients(optimizer.parameters()));
    };
    stepScaled = (optimizer, factor) => {
      const isOwn = optimizer.step === Optimizer.prototype.step;
      if (!isOwn || !optimizer.#taker.clips || optimizer.#clip !== NO_CLIP) return false;
      optimizer.#clip = { ...NO_CLIP, scale: factor };
      try {
        optimizer.step();
      } finally {
        optimizer.#clip = NO_CLIP;
      }
      return true;
    };
    dropStates = (optimizer, isStepped) => {
      for (const state of optimizer.#groups.states) {
        if (!isStepped(state.parameter)) [state.arrays, state.packed] = [{}, {}];
      }
    };
    canShare = (optimizer) => {
      const definition = optimizer.#definition;
      if (definition.memory === undefined) return 'apart';
      if (definition.update !== undefined || definition.before !== undefined) return null;
      return definition.after === undefined ? null : 'together';
    };
    stepReads = (optimizer) => optimizer.#taker.reads;
    queueStep = (optimizer, closure) => {
      optimizer.#start('step()', closure);
      try {
        optimizer.#take(optimizer.#evaluate(closure), closure);
      } finally {
        optimizer.#isStepping = false;
      }
      return optimizer.#taker.readsAfter ? () => optimizer.#after() : null;
    };
    queueShare = (optimizer, closure) => {
      const finish = queueStep(optimizer, closure);
      if (finish === null) return null;
      return { dots: () => optimizer.#taker.dots(), finish: (dots) => optimizer.#after(dots) };
    };
  }

  /**
   * @param params the parameters, or groups of them with options of their own
   * @throws TypeError or RangeError naming the parameter or the option that does not fit.
   */
  constructor(
    definition: Definition<Options, Memory>,
    params: Iterable<Parameter | ParamGroup<Options>>,
    options?: Options,
  ) {
    checkDefinition(definition);
    this.#definition = definition;
    this.#groups = new ParameterGroups(definition, params, options);
    this.#taker =
      definition.update === undefined ? new RuleStep(definition) : new UpdateStep(definition, this.#groups);
  }

  /** The learning rate in force: what the next `step()` uses in the first group. */
  get lr(): number {
    return rateOf(this.#definition, this.#groups.states[0], this.#steps);
  }

  /**
   * Gives all groups, and those that are added later, another learning rate; a schedule is asked for the steps to come,
   * from the current count on.
   */
  set lr(lr: LearningRate) {
    this.#groups.setRate(lr);
  }

  /** How often `step()` was called: the next call uses `schedule.at(steps)`. */
  get steps(): number {
    return this.#steps;
  }

  /** All parameters, in the order in which they joined. */
  parameters(): Parameter[] {
    return this.#groups.states.map(({ parameter }) => parameter);
  }

  /**
   * Adds parameters with options of their own, now or in the middle of a run; what is left out is as in the constructor,
   * and the learning rate as it was last set for all.
   * @throws TypeError or RangeError naming what does not fit; nothing has then changed.
   */
  addParamGroup(group: ParamGroup<Options>): void {
    this.#checkUnlocked();
    this.#groups.add(group, this.#steps);
  }

  /**
   * Updates every parameter that has a gradient, in place: one pass over memory, one native call.
   * @throws TypeError or RangeError if a gradient does not fit its parameter or shares memory with another, or if a buffer
   * is detached; no parameter and no state has then changed.
   */
  step(): void;
  /**
   * @param closure is called first: it clears the gradients, computes the loss and its gradients, and returns the loss. An
   * optimizer that searches along a line calls it several times.
   * @returns what the closure returned the first time.
   */
  step<L extends Loss>(closure: () => L): L;
  step<L extends Loss>(closure?: () => L): L | undefined {
    this.#checkUnlocked();
    this.#start('step()', closure);
    try {
      const loss = this.#evaluate(closure);
      this.#take(loss, closure);
      this.#after();
      return loss;
    } finally {
      this.#isStepping = false;
    }
  }

  /**
   * As `step()`, beside the event loop: the kernels of the closure and of the step run on a native thread, in the same order and
   * with the same bits, and the promise resolves when they are done. Until then the parameters are locked: who writes to them by
   * any function of this package gets an error, and who reads `value` or `grad` waits. Writing to the elements of their
   * arrays, or of those that the closure computes with, cannot be seen, and must not be done. An optimizer that is written
   * in TypeScript computes on the event loop's thread, and so does all on the target `'typescript'`.
   * @param closure as that of `step()`: it is called at once, and must not be async.
   * @returns what the closure returned.
   * @throws as `step()`; Error where another step or `fit` is at work on one of the parameters, or where one of their arrays
   * was replaced meanwhile.
   */
  stepAsync(): Promise<void>;
  stepAsync<L extends Loss>(closure: () => L): Promise<L>;
  async stepAsync<L extends Loss>(closure?: () => L): Promise<L | undefined> {
    const unlock = lock(this.parameters(), 'stepAsync()');
    const since = failures();
    try {
      this.#start('stepAsync()', closure);
      try {
        const loss = queue(() => this.#evaluate(closure));
        if (this.#taker.reads) await settled(since);
        const states = queue(() => this.#take(loss, closure));
        await settled(since);
        for (const state of states) state.checkInPlace();
        this.#after();
        return loss;
      } finally {
        this.#isStepping = false;
      }
    } catch (error) {
      // What was queued before it still writes.
      await settled(since).catch(() => {});
      throw error;
    } finally {
      unlock();
    }
  }

  #start(name: string, closure: unknown): void {
    if (closure !== undefined && typeof closure !== 'function') {
      throw new TypeError(`closure must be a function that returns the loss, got ${show(closure)}`);
    }
    if (this.#isStepping) throw new Error(`${name} must not be called within a step of the same optimizer`);
    this.#isStepping = true;
  }

  #evaluate<L extends Loss>(closure: (() => L) | undefined): L | undefined {
    const loss = closure?.();
    if (closure !== undefined) checkLoss(loss);
    return loss;
  }

  /** @returns those that took the step */
  #take(
    loss: Loss | undefined,
    closure: (() => Loss) | undefined,
  ): readonly ParameterState<Options, Memory>[] {
    this.#groups.resolveAt(this.#steps);
    const states = this.#groups.read();
    this.#taker.take(states, this.#steps, this.#clip, loss, closure);
    this.#clip = NO_CLIP;
    for (const state of states) state.step++;
    this.#steps++;
    return states;
  }

  /** @param dots of the step, also of parameters that others have stepped. Default: those of this step. */
  #after(dots?: ReadonlyMap<Parameter, readonly number[]>): void {
    this.#taker.after(this.#groups.scopes, this.#steps, dots);
  }

  #checkUnlocked(): void {
    for (const { parameter } of this.#groups.states) checkUnlocked(parameter);
  }

  /** Fills all gradients with zeros, in place, and row gradients forget their rows. A null gradient stays null. */
  zeroGrad(): void {
    this.#clip = NO_CLIP;
    for (const { parameter } of this.#groups.states) clearGrad(parameter);
  }

  /**
   * As `clipGradNorm(optimizer.parameters(), maxNorm, options)`, with the same bits after the next `step()`, which scales gradients as it
   * reads them: they stay as they are, and memory is gone through once instead of twice. An optimizer that measures gradients
   * before its step, or is written in TypeScript, scales them at once. With a closure it belongs at its end.
   * @returns the norm of all gradients before.
   * @throws as the function.
   */
  clipGradNorm(maxNorm: number, options: ClipGradNormOptions = {}): number {
    return measureGradients(this, maxNorm, gradNormSettings('Optimizer.clipGradNorm', options))();
  }

  /**
   * As `clipGradValue(optimizer.parameters(), clipValue)`, in the same way; behind {@link clipGradNorm}, where both are wanted.
   * @throws as the function.
   */
  clipGradValue(clipValue: number): void {
    checkAtLeast('clipValue', clipValue, 0);
    if (this.#taker.clips) this.#clip = { ...this.#clip, limit: clipValue };
    else clipGradValue(this.parameters(), clipValue);
  }

  /**
   * Tells metric-driven schedules the metric measured after the steps so far. Others take no notice.
   * @throws TypeError if `metric` is not a number.
   */
  observe(metric: number): void {
    checkNumber('metric', metric);
    for (const schedule of new Set<Schedule>(this.#groups.schedules)) schedule.observe?.(metric, this.#steps);
  }

  /**
   * A deep copy of all state: step counts and arrays of every parameter by name, what the optimizer knows beyond them, and
   * the state of metric-driven schedules. Options are not part of it: they are the constructor's.
   */
  stateDict(): OptimizerState {
    return writeState(this.#definition, this.#groups, this.#steps, plainCopies);
  }

  /** For checkpoints: see {@link copiedState}. */
  [copiedState](copying: Copying): OptimizerState | null {
    if (this.stateDict !== Optimizer.prototype.stateDict) return null;
    return writeState(this.#definition, this.#groups, this.#steps, copying);
  }

  /**
   * Restores a copy of what `stateDict()` gave.
   * @throws TypeError or RangeError if it is another optimizer's, or if names, types or lengths do not match; nothing
   * has then changed.
   */
  loadStateDict(state: unknown): void {
    finishLoading(this.#prepare(state, false));
  }

  /** For checkpoints, whose states are nobody else's: see {@link prepareLoading}. */
  [prepareLoading](state: unknown): Loading | null {
    if (this.loadStateDict !== Optimizer.prototype.loadStateDict) return null;
    settle();
    return this.#prepare(state, true);
  }

  #prepare(state: unknown, inPlace: boolean): Loading {
    this.#checkUnlocked();
    const { schedules } = this.#groups;
    const loaded = readState(this.#definition, this.#groups, state, inPlace);
    return {
      attempt() {
        const before = scheduleStates(schedules);
        loadScheduleStates('state.schedules', schedules, loaded.schedules);
        return () => loadScheduleStates('state.schedules', schedules, before);
      },
      copies: loaded.copies,
      finish: () => {
        loaded.apply();
        this.#steps = loaded.steps;
      },
    };
  }

  /**
   * Runs another rule over what the optimizer has, in place, for those parameters that have all of it.
   * @param operands in the order of the rule's: `'value'`, `'grad'`, or the name of a state.
   * @param scalars the rule's, by name; null where a group is to be left out.
   */
  protected runRule(
    rule: RuleName,
    operands: readonly string[],
    scalars: (options: Resolved<Options>, memory: Memory) => Readonly<Record<string, number>> | null,
  ): void {
    this.#checkUnlocked();
    const { states } = this.#groups;
    this.#groups.readAgain(states);
    runRule(states, rule, operands, scalars);
  }

  /** Those of the first group, as they are now. */
  protected get options(): Resolved<Options> {
    return this.#groups.states[0].options;
  }

  /** What the optimizer knows beyond its arrays, where its definition has a memory: each once, in the order of the parameters. */
  protected get memories(): readonly Memory[] {
    return this.#groups.scopes.map(({ memory }) => memory);
  }
}
