import type { Parameter } from '../array/parameter.js';
import { checkOptions } from '../core/options.js';
import { checkNumber, checkObject, show } from '../core/validate.js';
import { type LearningRate, type Schedule, toSchedule } from '../schedule/index.js';
import { loadScheduleStates } from '../schedule/schedule.js';
import { type CommonOptions, checkCommon, type ParamGroup, type Resolved } from './common-options.js';
import { checkDefinition, type Definition } from './definition.js';
import { checkIterable, type Group, joinParameters, ParameterReader } from './group.js';
import { RuleStep, rateOf } from './rule-step.js';
import { type OptimizerState, readState, writeState } from './state-dict.js';
import { stateForms } from './states.js';
import { type Loss, UpdateStep } from './update-step.js';

/**
 * What all optimizers are: parameters, named state for each of them, and a step of all of them at once. What sets one apart is
 * its {@link Definition}; `new Optimizer(definition, params, options)` is an optimizer of your own.
 */
export class Optimizer<Options extends CommonOptions = CommonOptions> {
  protected readonly groups: Group<Options>[] = [];
  readonly #definition: Definition<Options>;
  readonly #defaults: Resolved<Options>;
  /** The learning rate of groups that have none of their own. */
  #schedule: Schedule;
  #steps = 0;
  readonly #reader = new ParameterReader();
  readonly #ruleStep: RuleStep<Options> | null;
  readonly #updateStep: UpdateStep<Options> | null;

  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(
    definition: Definition<Options>,
    params: Iterable<Parameter | ParamGroup<Options>>,
    options?: Options,
  ) {
    checkDefinition(definition);
    this.#definition = definition;
    this.#ruleStep = 'update' in definition ? null : new RuleStep(definition, this.#reader);
    this.#updateStep = 'update' in definition ? new UpdateStep(definition, this.#reader) : null;
    const { resolved, schedule } = this.#resolve(
      definition.name,
      definition.defaults,
      options === undefined ? {} : options,
    );
    this.#defaults = resolved;
    this.#schedule = schedule ?? toSchedule(resolved.lr);
    for (const group of toGroups(params)) this.#addGroup(group);
  }

  /** The learning rate in force: what the next `step()` uses in the first group. */
  get lr(): number {
    const [group] = this.groups;
    const definition = this.#definition;
    return 'update' in definition
      ? group.schedule.at(this.#steps)
      : rateOf(definition, group, group.states[0], this.#steps);
  }

  /**
   * Gives all groups another learning rate, and those that are added later; a schedule is asked for the steps to come, from
   * the current count on.
   */
  set lr(lr: LearningRate) {
    this.#schedule = toSchedule(lr);
    for (const group of this.groups) group.schedule = this.#schedule;
  }

  /** How often `step()` was called: the next call uses `schedule.at(steps)`. */
  get steps(): number {
    return this.#steps;
  }

  /** All parameters, in the order in which they joined. */
  parameters(): Parameter[] {
    return this.groups.flatMap(({ states }) => states.map(({ parameter }) => parameter));
  }

  /**
   * Adds parameters with options of their own, now or in the middle of a run; what is left out is as in the constructor, but
   * for a learning rate that was set since.
   * @throws TypeError or RangeError naming what does not fit; nothing has then changed.
   */
  addParamGroup(group: ParamGroup<Options>): void {
    checkObject('group', group);
    this.#addGroup(group);
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
    const loss = closure?.();
    const batches = this.#ruleStep?.take(this.groups, this.#steps);
    const taken = batches ?? this.#updateStep?.take(this.groups, this.#steps, loss, closure) ?? [];
    for (const { states } of taken) for (const state of states) state.step++;
    this.#steps++;
    const definition = this.#definition;
    if (batches !== undefined && 'rule' in definition) {
      definition.afterStep?.(batches, this.groups, this.#steps);
    }
    return loss;
  }

  /** Fills all gradients with zeros, in place, and row gradients forget their rows. A null gradient stays null. */
  zeroGrad(): void {
    for (const { states } of this.groups) {
      for (const { parameter } of states) {
        parameter.grad?.fill(0);
        parameter.rowGrad?.clear();
      }
    }
  }

  /**
   * Tells metric-driven schedules the metric measured after the steps so far. Others take no notice.
   * @throws TypeError if `metric` is not a number.
   */
  observe(metric: number): void {
    checkNumber('metric', metric);
    for (const schedule of new Set(this.#groupSchedules())) schedule.observe?.(metric, this.#steps);
  }

  /**
   * A deep copy of all state: step counts and arrays of every parameter by name, and the state of metric-driven
   * schedules. Options are not part of it: they are the constructor's.
   */
  stateDict(): OptimizerState {
    const { name, extra } = this.#definition;
    return writeState(name, this.#steps, this.groups, extra?.write(this.groups) ?? null);
  }

  /**
   * Restores a copy of what `stateDict()` gave.
   * @throws TypeError or RangeError if it is another optimizer's, or if names, types or lengths do not match; nothing
   * has then changed.
   */
  loadStateDict(state: unknown): void {
    const { name, extra } = this.#definition;
    const loaded = readState(name, this.groups, state, (group, of) =>
      stateForms(this.#definition, group, of),
    );
    const applyExtra = extra?.read(loaded.extra, this.groups);
    // The last that can fail; it restores itself.
    loadScheduleStates('state.schedules', this.#groupSchedules(), loaded.schedules);
    loaded.apply();
    applyExtra?.();
    this.#steps = loaded.steps;
  }

  #addGroup(group: { readonly params: Iterable<Parameter> }): void {
    checkObject('group', group);
    const { params, ...options } = group;
    checkIterable('group.params must be an iterable of parameters', params);
    const owner = `groups[${this.groups.length}] of ${this.#definition.name}`;
    const { resolved, schedule } = this.#resolve(owner, this.#defaults, options);
    const states = joinParameters(params, this.groups);
    this.#reader.reset();
    this.groups.push({ options: resolved, schedule: schedule ?? this.#schedule, states });
  }

  /** Options with `defaults` for what is left out, and the schedule of the learning rate, if that is not. */
  #resolve(owner: string, defaults: Resolved<Options>, options: object) {
    const names = Object.fromEntries(Object.keys(defaults).map((name) => [name, true as const]));
    checkOptions<object>(owner, options, names);
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    const resolved: Resolved<Options> = { ...defaults, ...given };
    const schedule = 'lr' in given ? toSchedule(resolved.lr) : undefined;
    checkCommon(resolved);
    this.#definition.check?.(resolved);
    return { resolved, schedule };
  }

  #groupSchedules(): Schedule[] {
    return this.groups.map(({ schedule }) => schedule);
  }
}

function toGroups<Options>(
  params: Iterable<Parameter | ParamGroup<Options>>,
): { readonly params: Iterable<Parameter> }[] {
  checkIterable('params must be an iterable of parameters or of groups', params);
  const entries = Array.from(params);
  const groups = entries.filter(isGroup);
  if (groups.length > 0 && groups.length < entries.length) {
    throw new TypeError('params must hold parameters or groups, not both');
  }
  if (groups.length > 0) return groups;
  return [{ params: entries.filter((entry): entry is Parameter => !isGroup(entry)) }];
}

function isGroup<Options>(entry: Parameter | ParamGroup<Options>): entry is ParamGroup<Options> {
  return typeof entry === 'object' && entry !== null && 'params' in entry;
}
