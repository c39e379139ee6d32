import { arraysOf, type Parameter } from '../array/parameter.js';
import { checkOptions } from '../core/options.js';
import { checkObject, checkOneOf, show } from '../core/validate.js';
import { type LearningRate, type Schedule, toSchedule } from '../schedule/index.js';
import {
  checkCommon,
  type Defaults,
  type OptimizerOptions,
  type ParamGroup,
  type Resolved,
} from './common-options.js';
import type { Definition, MemoryDefinition } from './definition.js';
import { type Group, layoutOf, ParameterState, type Scope, shapeOf } from './parameter-state.js';
import { checkDisjoint, checkParameter } from './parameters.js';

/** The memory of definitions that have none, whose `Memory` is `object`: nothing reads it. */
const NONE = {};

/** The parameters of an optimizer: in groups by their options, and in scopes by their memory. */
export class ParameterGroups<Options extends OptimizerOptions, Memory extends object> {
  readonly #definition: Definition<Options, Memory>;
  /** What a group has that does not say otherwise. */
  #defaults: Resolved<Options>;
  readonly #groups: Group<Options, Memory>[] = [];
  /** By what all in a scope have in common: these groups, a group, or a parameter. */
  readonly #scopes = new Map<object, Scope<Options, Memory>>();
  readonly #states: ParameterState<Options, Memory>[] = [];
  readonly #taking: ParameterState<Options, Memory>[] = [];
  /** Whether the arrays last read of all parameters were found to share no memory. */
  #isDisjoint = false;

  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(
    definition: Definition<Options, Memory>,
    params: Iterable<Parameter | ParamGroup<Options>>,
    options: object = {},
  ) {
    this.#definition = definition;
    this.#defaults = resolve(definition, definition.defaults, options, definition.name);
    for (const group of toGroups(params)) this.add(group);
  }

  /** All, in the order in which they joined. */
  get states(): readonly ParameterState<Options, Memory>[] {
    return this.#states;
  }

  /** All, in the order of their first parameters. */
  get scopes(): Scope<Options, Memory>[] {
    return [...this.#scopes.values()];
  }

  get schedules(): Schedule[] {
    return this.#groups.map(({ options }) => options.lr);
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

  /** @throws TypeError or RangeError naming what does not fit; nothing has then changed. */
  add(group: { readonly params: Iterable<Parameter> }): void {
    checkObject('group', group);
    const { params, ...given } = group;
    checkIterable('group.params', params, 'parameters');
    const owner = `groups[${this.#groups.length}] of ${this.#definition.name}`;
    const options = resolve(this.#definition, this.#defaults, given, owner);
    const read = this.#readNew(params);
    if (read.length === 0) throw new RangeError('params must hold at least one parameter');
    const current = this.#states.map(({ key, parameter }) => {
      const { value, grad, rowGrad } = arraysOf(parameter);
      return { key, value, grad, rowGrad };
    });
    checkDisjoint([...current, ...read]);

    const states: ParameterState<Options, Memory>[] = [];
    const joining = { options, states };
    const scopes = new Map(this.#scopes);
    for (const parameter of read) {
      const scope = this.#scopeOf(scopes, joining, parameter);
      const layout = layoutOf(this.#definition, options, scope.memory, parameter.shape);
      states.push(new ParameterState(parameter, joining, scope, layout));
    }
    // Nothing below can fail.
    for (const state of states) state.scope.states.push(state);
    for (const [member, scope] of scopes) this.#scopes.set(member, scope);
    this.#groups.push(joining);
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

function checkIterable(name: string, value: unknown, what: string): void {
  const isIterable = typeof value === 'object' && value !== null && Symbol.iterator in value;
  if (!isIterable) throw new TypeError(`${name} must be an iterable of ${what}, got ${show(value)}`);
}

/** The one place where options get their defaults, and a learning rate becomes a schedule. */
function resolve<Options extends OptimizerOptions, Memory extends object>(
  definition: Definition<Options, Memory>,
  defaults: Defaults<Options>,
  options: object,
  owner: string,
): Resolved<Options> {
  const names = Object.fromEntries(Object.keys(defaults).map((name) => [name, true as const]));
  checkOptions<object>(owner, options, names);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const merged = { ...defaults, ...Object.fromEntries(given) };
  const resolved = { ...merged, lr: toSchedule(merged.lr) };
  checkCommon(resolved);
  definition.check?.(resolved);
  return resolved;
}
