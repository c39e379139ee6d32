import { arraysOf, type Parameter } from '../array/parameter.js';
import { checkObject, checkOneOf, show } from '../core/validate.js';
import { type LearningRate, type Schedule, toSchedule } from '../schedule/index.js';
import type { OptimizerOptions, ParamGroup } from './common-options.js';
import type { Definition, MemoryDefinition } from './definition.js';
import { type GivenOptions, optionsOfGroup, readGiven } from './group-options.js';
import {
  checkKeepsStates,
  type Group,
  layoutOf,
  ParameterState,
  type Scope,
  shapeOf,
} from './parameter-state.js';
import { checkDisjoint, checkIterable, checkParameter } from './parameters.js';
import { optionsAt } from './scheduled-options.js';
import { checkStorable } from './stored-states.js';

/** The memory of definitions that have none, whose `Memory` is `object`: nothing reads it. */
const NONE = {};

/** The parameters of an optimizer: in groups by their options, and in scopes by their memory. */
export class ParameterGroups<Options extends OptimizerOptions, Memory extends object> {
  readonly #definition: Definition<Options, Memory>;
  /** What a group has that does not say otherwise. */
  #defaults: GivenOptions;
  /** One after another as they joined; parameters without a weight decay are a group behind the others of theirs. */
  readonly #groups: Group<Options, Memory>[] = [];
  /** By what all in a scope have in common: these groups, a group, or a parameter. */
  readonly #scopes = new Map<object, Scope<Options, Memory>>();
  readonly #states: ParameterState<Options, Memory>[] = [];
  readonly #taking: ParameterState<Options, Memory>[] = [];
  /** Whether an option beside the learning rate depends on the step. */
  #isScheduled = false;
  /** Whether the arrays last read of all parameters were found to share no memory. */
  #isDisjoint = false;

  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(
    definition: Definition<Options, Memory>,
    params: Iterable<Parameter | ParamGroup<Options>>,
    options: object = {},
  ) {
    this.#definition = definition;
    this.#defaults = readGiven(definition, definition.defaults, options, definition.name);
    optionsOfGroup(definition, this.#defaults, 0);
    for (const group of toGroups(params)) this.add(group, 0);
  }

  /** All, in the order in which they joined. */
  get states(): readonly ParameterState<Options, Memory>[] {
    return this.#states;
  }

  /** All, in the order of their first parameters. */
  get scopes(): Scope<Options, Memory>[] {
    return [...this.#scopes.values()];
  }

  /** The learning rate of every group, and then what else in them is a schedule. */
  get schedules(): Schedule[] {
    const groups = this.#groups.filter(({ isExempt }) => !isExempt);
    const others = groups.flatMap(({ scheduled }) => scheduled);
    return [...groups.map(({ options }) => options.lr), ...others.map(({ schedule }) => schedule)];
  }

  /**
   * Has every group the options of the step after `steps` others.
   * @throws TypeError or RangeError naming the option that does not fit, and the step; nothing has then changed.
   */
  resolveAt(steps: number): void {
    if (!this.#isScheduled) return;
    const resolved = this.#groups.map((group) => {
      const options = optionsAt(this.#definition, group.options, group.scheduled, steps);
      if (options !== group.options) checkKeepsStates(this.#definition, group, options, steps);
      return options;
    });
    for (const [i, group] of this.#groups.entries()) group.options = resolved[i];
  }

  /** Gives all groups, and those to come, another learning rate. */
  setRate(rate: LearningRate): void {
    const lr = toSchedule(rate);
    this.#defaults = { ...this.#defaults, lr };
    for (const group of this.#groups) group.options = { ...group.options, lr };
  }

  /** Remembers the rates as they are. @returns what puts them back. */
  keepRates(): () => void {
    const defaults = this.#defaults;
    const kept = this.#groups.map((group) => ({ group, options: group.options }));
    return () => {
      this.#defaults = defaults;
      for (const { group, options } of kept) group.options = options;
    };
  }

  /**
   * @param steps how many the optimizer has taken
   * @throws TypeError or RangeError naming what does not fit; nothing has then changed.
   */
  add(group: { readonly params: Iterable<Parameter> }, steps: number): void {
    checkObject('group', group);
    const { params, ...given } = group;
    checkIterable('group.params', params, 'parameters');
    const owner = `groups[${this.#groups.length}] of ${this.#definition.name}`;
    const options = readGiven(this.#definition, this.#defaults, given, owner);
    const { decayed, exempt, isExempt } = optionsOfGroup(this.#definition, options, steps);
    const read = this.#readNew(params);
    if (read.length === 0) throw new RangeError('params must hold at least one parameter');
    const current = this.#states.map(({ key, parameter }) => {
      const { value, grad, rowGrad } = arraysOf(parameter);
      return { key, value, grad, rowGrad };
    });
    checkDisjoint([...current, ...read]);

    const states: ParameterState<Options, Memory>[] = [];
    const joining: Group<Options, Memory> = { ...decayed, isExempt: false, states: [] };
    const exempted: Group<Options, Memory> = { ...exempt, isExempt: true, states: [] };
    const scopes = new Map(this.#scopes);
    for (const entry of read) {
      const scope = this.#scopeOf(scopes, joining, entry);
      const own = isExempt(entry.parameter) ? exempted : joining;
      checkStorable(own.options, entry.key, entry.value);
      const layout = layoutOf(this.#definition, own.options, scope.memory, entry.shape);
      states.push(new ParameterState(entry, own, scope, layout));
    }
    // Nothing below can fail.
    for (const state of states) {
      state.scope.states.push(state);
      state.group.states.push(state);
    }
    for (const [member, scope] of scopes) this.#scopes.set(member, scope);
    this.#groups.push(joining);
    if (exempted.states.length > 0) this.#groups.push(exempted);
    this.#isScheduled ||= joining.scheduled.length > 0;
    this.#states.push(...states);
    this.#isDisjoint = false;
  }

  /**
   * Reads all parameters again.
   * @returns those that have a gradient, in the order in which they joined, in an array that the next call fills anew
   * @throws TypeError or RangeError where one does not fit, or shares memory with another.
   */
  read(): readonly ParameterState<Options, Memory>[] {
    const taking = this.#taking;
    let count = 0;
    for (const state of this.#states) {
      if (state.read()) this.#isDisjoint = false;
      if (!state.grad && !state.rowGrad) continue;
      // Storing what is there already would still dirty the array for the garbage collector.
      if (taking[count] !== state) taking[count] = state;
      count++;
    }
    // To set a length is a call of the engine's, even to what it is.
    if (taking.length !== count) taking.length = count;
    this.#checkDisjoint();
    return taking;
  }

  /** Reads parameters again in the middle of a step. @throws TypeError or RangeError as `read` does. */
  readAgain(states: readonly ParameterState<Options, Memory>[]): void {
    for (const state of states) if (state.read()) this.#isDisjoint = false;
    this.#checkDisjoint();
  }

  /** The same arrays are where they were. */
  #checkDisjoint(): void {
    if (!this.#isDisjoint) checkDisjoint(this.#states);
    this.#isDisjoint = true;
  }

  #readNew(params: Iterable<Parameter>) {
    const taken = new Set(this.#states.map(({ parameter }) => parameter));
    const keys = new Set(this.#states.map(({ key }) => key));
    return Array.from(params, (parameter, i) => {
      const position = taken.size;
      checkParameter(`params[${i}]`, parameter);
      if (taken.has(parameter)) throw new RangeError(`params[${i}] is in the optimizer already`);
      const key = parameter.name ?? `#${position}`;
      if (keys.has(key)) throw new RangeError(`params: the name ${show(key)} is taken by another parameter`);
      taken.add(parameter);
      keys.add(key);
      const { value, grad, rowGrad } = arraysOf(parameter);
      const shape = shapeOf(`params[${i}]`, parameter.shape, value.length);
      return { parameter, key, value, grad, rowGrad, shape };
    });
  }

  /** The scope of a parameter that joins; a new one is put among the others. */
  #scopeOf(
    scopes: Map<object, Scope<Options, Memory>>,
    group: Group<Options, Memory>,
    { parameter, key }: { readonly parameter: Parameter; readonly key: string },
  ): Scope<Options, Memory> {
    const { memory } = this.#definition;
    const kind = memory?.scope(group.options) ?? 'global';
    checkOneOf(`scope of ${this.#definition.name}`, kind, ['global', 'group', 'param']);
    const owner = kind === 'global' ? this : kind === 'group' ? group : parameter;
    const scope = scopes.get(owner) ?? {
      key: kind === 'param' ? `${kind} ${key}` : `${kind} ${scopes.size}`,
      memory: initialMemory(memory),
      states: [],
    };
    scopes.set(owner, scope);
    return scope;
  }
}

function initialMemory<Options, Memory extends object>(
  definition: MemoryDefinition<Options, Memory> | undefined,
): Memory;
function initialMemory(definition: MemoryDefinition<never, object> | undefined): object {
  if (definition === undefined) return NONE;
  const memory = definition.initial();
  if (!('key' in memory)) return memory;
  throw new TypeError(
    `${definition.name} must have no field called key: a state dictionary has the name of each there`,
  );
}

function toGroups<Options>(
  params: Iterable<Parameter | ParamGroup<Options>>,
): readonly { readonly params: Iterable<Parameter> }[] {
  checkIterable('params', params, 'parameters or of groups');
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
