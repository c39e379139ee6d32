import type { Parameter } from '../array/parameter.js';
import type { RowGradient } from '../array/row-gradient.js';
import { RULES, type RuleName } from '../backend/contract/rules.js';
import { kernels } from '../backend/select.js';
import { isFloats, isLike } from '../core/dtypes.js';
import { zerosLike } from '../core/float-arrays.js';
import { checkOptions } from '../core/options.js';
import type { FloatArray } from '../core/types.js';
import { checkNumber, checkObject, show } from '../core/validate.js';
import { written } from '../core/written.js';
import { type LearningRate, type Schedule, toSchedule } from '../schedule/index.js';
import { type Json, loadScheduleStates } from '../schedule/schedule.js';
import { ReusableBatch } from './batches.js';
import { type CommonOptions, checkCommon, type Definition, type ParamGroup } from './definition.js';
import { checkDisjoint, checkParameter, checkRowGradient } from './parameters.js';
import { RowStep } from './rows.js';
import { type OptimizerState, readState, writeState } from './state-dict.js';

/** What an optimizer keeps for one parameter. */
export interface ParameterState {
  readonly parameter: Parameter;
  /** The key in a state dictionary: the parameter's name, or `#` and its position where it has none. */
  readonly key: string;
  /** Elements when the parameter joined: a detached buffer has none any more. */
  readonly length: number;
  /** Steps taken, with a gradient. */
  step: number;
  /** By the names of the rule's operands; empty before the first step. */
  arrays: Record<string, FloatArray>;
  /** Of a parameter that has had a row gradient. */
  rowStep?: RowStep;
  /** What was last read of the parameter. */
  value: FloatArray;
  grad: FloatArray | null | undefined;
  rowGrad: RowGradient | null | undefined;
}

/** A parameter group as the optimizer holds it. */
export interface Group<Options> {
  readonly options: Options;
  schedule: Schedule;
  readonly states: readonly ParameterState[];
}

/** Parameters that take the same step: one group's, with the same rule, step count and scope. */
export interface StepBatch<Options> {
  readonly batch: ReusableBatch;
  group: Group<Options>;
  rule: RuleName;
  step: number;
  scope: unknown;
  states: ParameterState[];
}

/** What all optimizers are: parameters, named state for each of them, and one pass over all of them per step. */
export class Optimizer<Options extends CommonOptions = CommonOptions> {
  protected readonly groups: Group<Options>[] = [];
  protected stepCount = 0;
  readonly #definition: Definition<Options>;
  readonly #defaults: Options;
  readonly #batches: StepBatch<Options>[] = [];
  /** Whether the arrays last read of all parameters were found to share no memory. */
  #isDisjoint = false;
  /** Those of this step. */
  readonly #rowSteps: RowStep[] = [];

  protected constructor(
    definition: Definition<Options>,
    params: Iterable<Parameter | ParamGroup<Options>>,
    options: Partial<Options>,
  ) {
    this.#definition = definition;
    this.#defaults = this.#resolve(definition.defaults, options, definition.name);
    for (const group of this.#toGroups(params)) this.#addGroup(group);
  }

  /** The learning rate in force: what the next `step()` uses in the first group. */
  get lr(): number {
    const [group] = this.groups;
    return this.rate(group, group.states[0]);
  }

  /** Gives all groups another learning rate; a schedule is asked for the steps to come, from the current count on. */
  set lr(lr: LearningRate) {
    const schedule = toSchedule(lr);
    for (const group of this.groups) group.schedule = schedule;
  }

  /** How often `step()` was called: the next call uses `schedule.at(steps)`. */
  get steps(): number {
    return this.stepCount;
  }

  /** All parameters, in the order in which they joined. */
  parameters(): Parameter[] {
    return this.groups.flatMap(({ states }) => states.map(({ parameter }) => parameter));
  }

  /**
   * Adds parameters with options of their own, now or in the middle of a run; what is left out is as in the constructor.
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
  step(): void {
    const batches = this.#collect();
    // The last that reads what is not the optimizer's own: nothing was taken away since it was found to fit.
    for (const rowStep of this.#rowSteps) rowStep.gather();
    kernels().step(batches.map(({ batch }) => batch));
    for (const rowStep of this.#rowSteps) rowStep.scatter();
    for (const { states } of batches) {
      for (const state of states) {
        state.step++;
        state.parameter[written]?.();
      }
    }
    this.stepCount++;
    this.afterStep(batches);
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
    for (const schedule of new Set(this.#groupSchedules())) schedule.observe?.(metric, this.stepCount);
  }

  /**
   * A deep copy of all state: step counts and arrays of every parameter by name, and the state of metric-driven
   * schedules. Options are not part of it: they are the constructor's.
   */
  stateDict(): OptimizerState {
    return writeState(this.#definition.name, this.stepCount, this.groups, this.extraState());
  }

  /**
   * Restores a copy of what `stateDict()` gave.
   * @throws TypeError or RangeError if it is another optimizer's, or if names, types or lengths do not match; nothing
   * has then changed.
   */
  loadStateDict(state: unknown): void {
    const loaded = readState(this.#definition.name, this.groups, state, (group) =>
      this.rules(group.options).map(stateNames),
    );
    const applyExtra = this.readExtraState(loaded.extra);
    // The last that can fail; it restores itself.
    loadScheduleStates('state.schedules', this.#groupSchedules(), loaded.schedules);
    loaded.apply();
    applyExtra();
    this.stepCount = loaded.steps;
  }

  /** The learning rate of a parameter's next step. */
  protected rate(group: Group<Options>, _state: ParameterState): number {
    return group.schedule.at(this.stepCount);
  }

  /** Every rule that parameters with these options may ever be under. */
  protected rules(options: Options): readonly RuleName[] {
    return [this.#definition.rule(options)];
  }

  /** The rule of a parameter's next step. */
  protected rule(group: Group<Options>, _state: ParameterState): RuleName {
    return this.#definition.rule(group.options);
  }

  /** The scalars of that rule, where the parameter takes its step number `step`. */
  protected scalars(
    group: Group<Options>,
    state: ParameterState,
    step: number,
  ): Readonly<Record<string, number>> {
    return this.#definition.scalars(group.options, this.rate(group, state), step);
  }

  /** Parameters of different scopes do not share a batch. */
  protected scope(_group: Group<Options>, _state: ParameterState): unknown {
    return undefined;
  }

  /** Called after every step that was taken, with what it was made of. */
  protected afterStep(_batches: readonly StepBatch<Options>[]): void {}

  /** State beyond the parameters' own, for the state dictionary. */
  protected extraState(): Json {
    return null;
  }

  /** Checks what `extraState()` gave and returns what applies it. */
  protected readExtraState(_extra: unknown): () => void {
    return () => {};
  }

  #collect(): readonly StepBatch<Options>[] {
    let used = 0;
    this.#rowSteps.length = 0;
    for (const group of this.groups) {
      const first = used;
      for (const state of group.states) {
        const { value, grad, rowGrad } = state.parameter;
        checkStillFits(state, value, grad, rowGrad);
        if (value !== state.value || grad !== state.grad || rowGrad !== state.rowGrad) {
          state.value = value;
          state.grad = grad;
          state.rowGrad = rowGrad;
          this.#isDisjoint = false;
        }
        if (!grad && !rowGrad) continue;
        const found = this.#batchFor(group, state, first, used);
        if (found === used) used++;
        const { batch, rule, states } = this.#batches[found];
        states.push(state);
        if (rowGrad) {
          for (const operand of this.#rowOperands(group, state, rule, rowGrad)) batch.add(operand);
          continue;
        }
        batch.add(value);
        if (grad) batch.add(grad);
        for (const name of stateNames(rule)) batch.add(this.#stateArray(group, state, name));
      }
    }
    const batches = this.#batches.slice(0, used);
    for (const { batch } of batches) batch.finish();
    // The same arrays are where they were.
    if (!this.#isDisjoint) checkDisjoint(this.groups.flatMap((group) => group.states));
    this.#isDisjoint = true;
    return batches;
  }

  /** The index of the batch of this step, between `first` and `used`, that the parameter belongs to; else a new one's. */
  #batchFor(group: Group<Options>, state: ParameterState, first: number, used: number): number {
    const rule = this.rule(group, state);
    const scope = this.scope(group, state);
    const step = state.step + 1;
    for (let b = first; b < used; b++) {
      const batch = this.#batches[b];
      if (batch.rule === rule && batch.step === step && batch.scope === scope) return b;
    }
    this.#batches[used] ??= { batch: new ReusableBatch(), group, rule, step, scope, states: [] };
    const batch = this.#batches[used];
    Object.assign(batch, { group, rule, step, scope });
    batch.states.length = 0;
    batch.batch.start(rule, this.scalars(group, state, step));
    return used;
  }

  /** What takes the step in the place of a parameter of which some rows have a gradient, and its states. */
  #rowOperands(
    group: Group<Options>,
    state: ParameterState,
    rule: RuleName,
    rowGrad: RowGradient,
  ): FloatArray[] {
    if (RULES[rule].dots > 0) {
      throw new TypeError(
        `parameter ${show(state.key)} has a rowGrad, which ${this.#definition.name} cannot use, as every step of it takes ` +
          'all weights: use another optimizer, or new Embedding(..., { sparse: false })',
      );
    }
    const arrays = stateNames(rule).map((name) => this.#stateArray(group, state, name));
    state.rowStep ??= new RowStep(`parameter ${show(state.key)}`);
    this.#rowSteps.push(state.rowStep);
    return state.rowStep.prepare(state.value, rowGrad, arrays);
  }

  #stateArray(group: Group<Options>, state: ParameterState, name: string): FloatArray {
    // Of the length it had when it was checked: a learning rate may have taken it away since.
    state.arrays[name] ??= zerosLike(state.value, state.length);
    const array = state.arrays[name];
    if (state.step === 0) {
      const initial = this.#definition.initial?.(group.options, name) ?? 0;
      if (initial !== 0) array.fill(initial);
    }
    return array;
  }

  #addGroup(group: ParamGroup<Options>): void {
    checkObject('group', group);
    const { params, ...options } = group;
    if (typeof params?.[Symbol.iterator] !== 'function' || typeof params === 'string') {
      throw new TypeError(`group.params must be an iterable of parameters, got ${show(params)}`);
    }
    const resolved = this.#resolve(
      this.#defaults,
      options,
      `groups[${this.groups.length}] of ${this.#definition.name}`,
    );
    const taken = new Set(this.parameters());
    const keys = new Set(this.groups.flatMap(({ states }) => states.map(({ key }) => key)));
    const states = Array.from(params, (parameter, i): ParameterState => {
      const position = taken.size;
      checkParameter(`params[${i}]`, parameter);
      if (taken.has(parameter)) throw new RangeError(`params[${i}] is in the optimizer already`);
      const key = parameter.name ?? `#${position}`;
      if (keys.has(key)) throw new RangeError(`params: the name ${show(key)} is taken by another parameter`);
      taken.add(parameter);
      keys.add(key);
      const { value, grad, rowGrad } = parameter;
      return { parameter, key, length: value.length, step: 0, arrays: {}, value, grad, rowGrad };
    });
    if (states.length === 0) throw new RangeError('params must hold at least one parameter');
    const current = this.groups.flatMap(({ states: others }) =>
      others.map(({ key, parameter }) => ({ ...memoryOf(parameter), key })),
    );
    checkDisjoint([...current, ...states]);
    this.#isDisjoint = false;
    this.groups.push({ options: resolved, schedule: toSchedule(resolved.lr), states });
  }

  #toGroups(params: Iterable<Parameter | ParamGroup<Options>>): ParamGroup<Options>[] {
    if (typeof params?.[Symbol.iterator] !== 'function' || typeof params === 'string') {
      throw new TypeError(`params must be an iterable of parameters or of groups, got ${show(params)}`);
    }
    const entries = Array.from(params);
    const groups = entries.filter(isGroup);
    if (groups.length > 0 && groups.length < entries.length) {
      throw new TypeError('params must hold parameters or groups, not both');
    }
    if (groups.length > 0) return groups;
    return [{ ...this.#defaults, params: entries.filter((entry): entry is Parameter => !isGroup(entry)) }];
  }

  #resolve(defaults: Options, options: object, owner: string): Options {
    const names = Object.fromEntries(Object.keys(defaults).map((name) => [name, true as const]));
    checkOptions<object>(owner, options, names);
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    const resolved = { ...defaults, ...Object.fromEntries(given) };
    toSchedule(resolved.lr);
    checkCommon(resolved);
    this.#definition.check(resolved);
    return resolved;
  }

  #groupSchedules(): Schedule[] {
    return this.groups.map(({ schedule }) => schedule);
  }
}

function isGroup<Options>(entry: Parameter | ParamGroup<Options>): entry is ParamGroup<Options> {
  return typeof entry === 'object' && entry !== null && 'params' in entry;
}

/** The names of each rule's states: its operands after the parameter and the gradient. */
const STATE_NAMES = new Map<RuleName, readonly string[]>(
  Object.entries(RULES).map(([rule, { operands }]) => [rule as RuleName, operands.slice(2)]),
);

function stateNames(rule: RuleName): readonly string[] {
  return STATE_NAMES.get(rule) ?? [];
}

function memoryOf({ value, grad, rowGrad }: Parameter) {
  return { value, grad, rowGrad };
}

function checkStillFits(
  { key, length }: ParameterState,
  value: FloatArray,
  grad: FloatArray | null | undefined,
  rowGrad: RowGradient | null | undefined,
): void {
  // Once per parameter and step: the names of the error messages are only made when there is one.
  if (isFloats(value) && value.length === length) {
    if (rowGrad) checkRowGradient(`parameter ${show(key)}`, value, grad, rowGrad);
    if (!grad || (isLike(grad, value) && grad.length === length)) return;
  }
  const name = `parameter ${show(key)}`;
  if (isFloats(value) && value.length !== length) {
    throw new RangeError(
      `${name}.value must have ${length} elements as when it joined, got ${value.length}; was its buffer detached?`,
    );
  }
  checkParameter(name, { value, grad, rowGrad });
}
