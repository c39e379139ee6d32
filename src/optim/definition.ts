import { RULES, type RuleName } from '../backend/contract/rules.js';
import type { FloatArray } from '../core/types.js';
import { checkObject, isObject, show } from '../core/validate.js';
import type { Json } from '../schedule/schedule.js';
import type { CommonOptions, Defaults, OptimizerOptions, Resolved } from './common-options.js';

/** The rules that update no parameter by its gradient: what else is done with arrays at a step. */
const OTHER_RULES = [
  'squares',
  'dot',
  'scale',
  'interpolate',
  'squareMean',
] as const satisfies readonly RuleName[];

/** A rule of the kernels that updates a parameter. */
export type UpdateRule = Exclude<RuleName, (typeof OTHER_RULES)[number]>;

export function isUpdateRule(rule: string): rule is UpdateRule {
  return rule in RULES && OTHER_RULES.every((other) => other !== rule);
}

/** What a rule that gathers dot products gave, for the parameters that share a memory. */
export interface StepProducts<Options, Memory> {
  /** Of the first of them. */
  readonly options: Resolved<Options>;
  readonly memory: Memory;
  /** How often `step()` was called, with this one. */
  readonly steps: number;
  /** The rule's dot products over all of them: in double, in an order that depends on the lengths alone. */
  readonly dots: readonly number[];
}

/**
 * What an optimizer knows beyond arrays: an object of what survives JSON. It is handed to all functions of the definition,
 * which may write to it, and is part of the state dictionary.
 */
export interface MemoryDefinition<Options, Memory extends object> {
  /** What all memories together are called in the state dictionary. */
  readonly name: string;
  /** Who has one: all parameters together, each group, or each parameter. */
  scope(options: Resolved<Options>): 'global' | 'group' | 'param';
  /** What it is before the first step: a new object each time, with no field `key`, which is where a state dictionary names it. */
  initial(): Memory & { readonly [name: string]: Json };
  /**
   * The memory that a state dictionary holds.
   * @param name what it is called in errors
   * @throws TypeError or RangeError naming what does not fit.
   */
  read(name: string, saved: Readonly<Record<string, unknown>>): Memory;
}

interface CommonDefinition<Options extends OptimizerOptions, Memory extends object> {
  /** The optimizer's, in errors and in the state dictionary. */
  readonly name: string;
  /** The value of every option that is left out; their names are all that there are. */
  readonly defaults: Defaults<Options>;
  /** Checks all but `lr`, `weightDecay` and `maximize`, which have been. @throws TypeError or RangeError naming the one that does not fit. */
  check?(options: Resolved<Options>): void;
  /** What a state is filled with before the first step. Default 0. */
  initial?(options: Resolved<Options>, state: string): number;
  /** Default, where `Memory` says nothing: none, and an empty object in its place. */
  readonly memory?: MemoryDefinition<Options, Memory>;
  /** The learning rate of the next step, from what the schedule says. Default: that. */
  rate?(scheduled: number, options: Resolved<Options>, memory: Memory): number;
}

/** A memory with fields does not come from nothing. */
type NeedsMemory<Options, Memory extends object> = object extends Memory
  ? unknown
  : { readonly memory: MemoryDefinition<Options, Memory> };

/**
 * An optimizer whose update is a rule of the kernels: one pass over memory, in one native call for all parameters, with the same
 * bits on every target; gradients by row too.
 */
export type RuleDefinition<
  Options extends OptimizerOptions = CommonOptions,
  Memory extends object = object,
> = RuleParts<Options, Memory> & NeedsMemory<Options, Memory>;

interface RuleParts<Options extends OptimizerOptions, Memory extends object>
  extends CommonDefinition<Options, Memory> {
  /**
   * The update rule; its operands after the parameter and its gradient are the states, by name. Where another memory
   * means another rule, its states start anew.
   */
  rule(options: Resolved<Options>, memory: Memory): UpdateRule;
  /**
   * The rule's scalars by name, in double; those of a parameter serve all that share group, memory, rule and step count.
   * @param rate the learning rate of this step
   * @param step how many steps the parameter takes with this one: the first one is 1
   * @param steps how often `step()` was called, with this one
   */
  scalars(
    options: Resolved<Options>,
    rate: number,
    step: number,
    memory: Memory,
    steps: number,
  ): Readonly<Record<string, number>>;
  /**
   * Called before every step, when all has been checked: measures what the scalars depend on, and writes it to memories.
   * Gradients by row are then refused.
   */
  before?(parameters: readonly ParameterUpdate<Options, Memory>[]): void;
  /** Called after every step whose rule gathers dot products, once for each memory. */
  after?(products: StepProducts<Options, Memory>): void;
  readonly update?: never;
  readonly elementwise?: never;
}

/** A parameter as {@link UpdateDefinition.update} finds it. The objects are used again at the next step. */
export interface ParameterUpdate<Options, Memory extends object = object> {
  readonly name: string;
  /** To be changed in place. */
  readonly value: FloatArray;
  readonly grad: FloatArray;
  /** Row-major; one length where the parameter says nothing. */
  readonly shape: readonly number[];
  /** By name, to be changed in place. */
  readonly states: Readonly<Record<string, FloatArray>>;
  readonly memory: Memory;
  /** Those of its group. */
  readonly options: Resolved<Options>;
  /** The learning rate of this step. */
  readonly lr: number;
  /** How many steps the parameter takes with this one: the first one is 1. */
  readonly step: number;
}

/** The closure that `step` was given. */
export interface Closure {
  /** What it returned, before the update: at the values and gradients that the update finds. */
  readonly loss: number;
  /** Calls it again: the loss at the values as they now are; every `grad` is then the one of that point. */
  evaluate(): number;
}

/** An optimizer written in TypeScript: any update of the parameters, over plain arrays. */
export type UpdateDefinition<
  Options extends OptimizerOptions = CommonOptions,
  Memory extends object = object,
> = UpdateParts<Options, Memory> & NeedsMemory<Options, Memory>;

interface UpdateParts<Options extends OptimizerOptions, Memory extends object>
  extends CommonDefinition<Options, Memory> {
  /** The names of a parameter's states, each of the parameter's length. Default: none. */
  readonly states?: readonly string[];
  /** For states of other lengths, such as `(_, [rows, columns]) => ({ rows, columns })` for one that is factored: in their place. */
  stateLengths?(options: Resolved<Options>, shape: readonly number[]): Readonly<Record<string, number>>;
  /**
   * Whether an element of a parameter depends on that element of the gradient and of the states alone. Gradients by row then
   * step the rows that they have; else they are refused. Default false.
   */
  readonly elementwise?: boolean;
  /**
   * One step of all parameters that have a gradient. Everything was checked before: arrays fit, and share no memory. Where it
   * throws, what it has written to values, states and memories stays (but for rows of a table), and no step is counted. It must
   * not be `async`.
   * @param closure undefined where `step` was given none; `fit` gives one to every step.
   */
  update(parameters: readonly ParameterUpdate<Options, Memory>[], closure: Closure | undefined): void;
  readonly rule?: never;
}

/** All that sets one optimizer apart from another: data, and functions of the options. */
export type Definition<Options extends OptimizerOptions = CommonOptions, Memory extends object = object> =
  | RuleDefinition<Options, Memory>
  | UpdateDefinition<Options, Memory>;

/** @throws TypeError where a definition lacks what every one has, or has what no step could use. */
export function checkDefinition(definition: unknown): void {
  checkObject('definition', definition);
  const { name, defaults, rule, scalars, update, states } = definition;
  if (typeof name !== 'string') throw new TypeError(`definition.name must be a string, got ${show(name)}`);
  checkObject(`defaults of ${name}`, defaults);
  const hasRule = typeof rule === 'function' && typeof scalars === 'function';
  if ((typeof update === 'function') === hasRule) {
    throw new TypeError(`${name} must have either an update, or a rule and scalars`);
  }
  if (states !== undefined) checkStateNames(`states of ${name}`, states);
}

/** @throws TypeError where an object that holds each state by its name could not. */
export function checkStateNames(name: string, states: unknown): void {
  const isList = Array.isArray(states) && states.every((state) => typeof state === 'string');
  if (!isList || new Set(states).size < states.length) {
    throw new TypeError(`${name} must be an array of different names, got ${show(states)}`);
  }
  const taken = states.find((state) => state in Object.prototype);
  if (taken === undefined) return;
  throw new TypeError(`${name} must have none called ${show(taken)}: every object has that already`);
}

/**
 * @param hook what the definition calls it
 * @param result what it returned
 * @throws TypeError where that is a promise: the step would be over before what it promises.
 */
export function refusePromise(definition: { readonly name: string }, hook: string, result: unknown): void {
  if (!isObject(result) || typeof result.then !== 'function') return;
  // Where it fails as well, Node.js would end the process before anyone saw what is wrong.
  Promise.resolve(result).catch(() => {});
  throw new TypeError(
    `${hook} of ${definition.name} must not be async, but returned a promise: await what it needs before step()`,
  );
}
