import type { Parameter } from '../array/parameter.js';
import { checkNumber, show } from '../core/validate.js';
import type { LearningRate, Schedule } from '../schedule/index.js';
import { loadScheduleStates } from '../schedule/schedule.js';
import type { OptimizerOptions, ParamGroup } from './common-options.js';
import { checkDefinition, type Definition } from './definition.js';
import { ParameterGroups } from './groups.js';
import { rateOf } from './parameter-state.js';
import { RuleStep } from './rule-step.js';
import { type OptimizerState, readState, writeState } from './state-dict.js';
import { checkLoss, type Loss, UpdateStep } from './update-step.js';

/**
 * What all optimizers are: parameters, named state for each of them, and one pass over all of them per step. What sets one
 * apart is its {@link Definition}: `new Optimizer(definition, params, options)`, or a class that extends this one.
 */
export class Optimizer<Options extends OptimizerOptions = OptimizerOptions, Memory extends object = object> {
  readonly #definition: Definition<Options, Memory>;
  readonly #groups: ParameterGroups<Options, Memory>;
  readonly #taker: RuleStep<Options, Memory> | UpdateStep<Options, Memory>;
  #steps = 0;
  #isStepping = false;

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
    this.#groups.add(group);
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
    if (closure !== undefined && typeof closure !== 'function') {
      throw new TypeError(`closure must be a function that returns the loss, got ${show(closure)}`);
    }
    if (this.#isStepping) throw new Error('step() must not be called within a step of the same optimizer');
    this.#isStepping = true;
    try {
      const loss = closure?.();
      if (closure !== undefined) checkLoss(loss);
      const states = this.#groups.read();
      this.#taker.take(states, this.#steps, loss, closure);
      for (const state of states) state.step++;
      this.#steps++;
      this.#taker.after(this.#steps);
      return loss;
    } finally {
      this.#isStepping = false;
    }
  }

  /** Fills all gradients with zeros, in place, and row gradients forget their rows. A null gradient stays null. */
  zeroGrad(): void {
    for (const { parameter } of this.#groups.states) {
      parameter.grad?.fill(0);
      parameter.rowGrad?.clear();
    }
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
    return writeState(this.#definition, this.#groups, this.#steps);
  }

  /**
   * Restores a copy of what `stateDict()` gave.
   * @throws TypeError or RangeError if it is another optimizer's, or if names, types or lengths do not match; nothing
   * has then changed.
   */
  loadStateDict(state: unknown): void {
    const loaded = readState(this.#definition, this.#groups, state);
    // The last that can fail; it restores itself.
    loadScheduleStates('state.schedules', this.#groups.schedules, loaded.schedules);
    loaded.apply();
    this.#steps = loaded.steps;
  }

  /** What the optimizer knows beyond its arrays, where its definition has a memory: each once, in the order of the parameters. */
  protected get memories(): readonly Memory[] {
    return this.#groups.scopes.map(({ memory }) => memory);
  }
}
