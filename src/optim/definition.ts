import type { RuleName } from '../backend/contract/rules.js';
import type { FloatArray } from '../core/types.js';
import { checkObject, show } from '../core/validate.js';
import type { Json } from '../schedule/schedule.js';
import type { StepBatch } from './batches.js';
import type { CommonOptions, Resolved } from './common-options.js';
import type { Group, ParameterState } from './group.js';

/** State that belongs to no parameter: what a state dictionary has as `extra`. */
export interface ExtraState<Options> {
  /** A plain copy of it. */
  write(groups: readonly Group<Options>[]): Json;
  /** Checks what `write` gave, and returns what puts it in place, which cannot fail. */
  read(value: unknown, groups: readonly Group<Options>[]): () => void;
}

interface CommonDefinition<Options> {
  /** What errors and state dictionaries call the optimizer. */
  readonly name: string;
  /** The value of every option that is left out; their names are all that there are. */
  readonly defaults: Resolved<Options>;
  /** Checks the options that only this optimizer has: TypeError or RangeError. */
  check?(options: Resolved<Options>): void;
  /** What a state is filled with before the first step. Default 0. */
  initial?(options: Resolved<Options>, state: string): number;
  readonly extra?: ExtraState<Options>;
}

/** An optimizer whose step is a rule of the kernels: one pass over memory, on every target, in one call for all parameters. */
export interface RuleDefinition<Options> extends CommonDefinition<Options> {
  /** The rule of a parameter's next step; its operands after the parameter and its gradient are the states, by name. */
  rule(options: Resolved<Options>, state: ParameterState, group: Group<Options>): RuleName;
  /** Every rule that parameters with these options may ever be under. Default: what `rule` says of a parameter. */
  rules?(options: Resolved<Options>): readonly RuleName[];
  /**
   * The rule's scalars by name, in double.
   * @param rate the learning rate of this step
   * @param step how many steps the parameter takes with this one: the first one is 1
   */
  scalars(
    options: Resolved<Options>,
    rate: number,
    step: number,
    state: ParameterState,
    group: Group<Options>,
  ): Readonly<Record<string, number>>;
  /** The learning rate of a parameter's next step. Default: what the schedule says. */
  rate?(scheduled: number, state: ParameterState, group: Group<Options>): number;
  /** Parameters of different scopes do not share a {@link StepBatch}. Default: one scope. */
  scope?(state: ParameterState, group: Group<Options>): unknown;
  /** Called after every step, with what it was made of; `steps` counts it. */
  afterStep?(batches: readonly StepBatch<Options>[], groups: readonly Group<Options>[], steps: number): void;
}

/** A parameter as {@link UpdateDefinition.update} finds it. The objects are used again at the next step. */
export interface ParameterUpdate<Options> {
  readonly name: string;
  /** To be changed in place. */
  readonly value: FloatArray;
  readonly grad: FloatArray;
  /** Row-major; one length where the parameter says nothing. */
  readonly shape: readonly number[];
  /** By name, to be changed in place. */
  readonly states: Readonly<Record<string, FloatArray>>;
  /** Those of its group. */
  readonly options: Resolved<Options>;
  /** The learning rate of this step. */
  readonly lr: number;
  /** How many steps the parameter takes with this one: the first one is 1. */
  readonly step: number;
}

/** The closure that `step` was given. */
export interface Evaluation {
  /** What it returned, before the update: at the values and gradients that the update finds. */
  readonly loss: number;
  /** Calls it again: the loss at the values as they now are; every `grad` is then the one of that point. */
  evaluate(): number;
}

/** An optimizer written in TypeScript: any update of the parameters, over plain arrays. */
export interface UpdateDefinition<Options> extends CommonDefinition<Options> {
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
   * throws, what it has written stays (but for rows of a table), and no step is counted.
   * @param closure undefined where `step` was given none.
   */
  update(parameters: readonly ParameterUpdate<Options>[], closure: Evaluation | undefined): void;
}

/** All that sets one optimizer apart from another: data, and functions of the options. */
export type Definition<Options extends CommonOptions = CommonOptions> =
  | RuleDefinition<Options>
  | UpdateDefinition<Options>;

/** @throws TypeError where a definition lacks what every one has. */
export function checkDefinition(definition: unknown): void {
  checkObject('definition', definition);
  const { name, defaults, rule, scalars, update } = definition;
  if (typeof name !== 'string') throw new TypeError(`definition.name must be a string, got ${show(name)}`);
  checkObject(`defaults of ${name}`, defaults);
  if (typeof update === 'function' || (typeof rule === 'function' && typeof scalars === 'function')) return;
  throw new TypeError(`${name} must have an update, or a rule and scalars`);
}
