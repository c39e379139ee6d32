import { arraysOf, type Parameter } from '../array/parameter.js';
import type { RowGradient } from '../array/row-gradient.js';
import { RULES } from '../backend/contract/rules.js';
import {
  type Operand,
  type PackedArray,
  type PackedType,
  packedTypeOf,
  STATE_DTYPES,
  type StateDType,
} from '../backend/contract/storage.js';
import { pack, packedZeros, stateZeros } from '../backend/memory.js';
import { fill } from '../backend/stream.js';
import { isFloats, isLike } from '../core/dtypes.js';
import { lengthOf } from '../core/float-arrays.js';
import { readShape, showShape, sizeOf } from '../core/shapes.js';
import type { FloatArray } from '../core/types.js';
import { checkInteger, checkObject, show } from '../core/validate.js';
import { written } from '../core/written.js';
import type { OptimizerOptions, Resolved } from './common-options.js';
import {
  checkStateNames,
  type Definition,
  isUpdateRule,
  type RuleDefinition,
  type UpdateRule,
} from './definition.js';
import { checkParameter, checkRowGradient } from './parameters.js';
import type { RowStep } from './rows.js';
import type { ScheduledOption } from './scheduled-options.js';
import { storedIn } from './stored-states.js';

/** Parameters with the same options. */
export interface Group<Options extends OptimizerOptions, Memory extends object> {
  /** As they were at the last step, or when the group joined. */
  options: Resolved<Options>;
  readonly scheduled: readonly ScheduledOption[];
  /** Whether these are parameters without a weight decay, of the group before. */
  readonly isExempt: boolean;
  readonly states: ParameterState<Options, Memory>[];
}

/** Parameters with the same memory. */
export interface Scope<Options extends OptimizerOptions, Memory extends object> {
  /** In a state dictionary. */
  readonly key: string;
  memory: Memory;
  readonly states: ParameterState<Options, Memory>[];
}

/** What states a parameter has. */
export interface Layout {
  readonly names: readonly string[];
  /** Null where all are as long as the parameter. */
  readonly lengths: readonly number[] | null;
  /** How each is packed, where they are not arrays of the parameter's type. */
  readonly packing: readonly PackedType[] | null;
}

/** What an optimizer keeps for one parameter. */
export class ParameterState<Options extends OptimizerOptions, Memory extends object> {
  readonly parameter: Parameter;
  /** The key in a state dictionary: the parameter's name, or `#` and its position where it has none. */
  readonly key: string;
  /** Elements when the parameter joined: a detached buffer has none any more. */
  readonly length: number;
  readonly shape: readonly number[];
  readonly group: Group<Options, Memory>;
  readonly scope: Scope<Options, Memory>;
  layout: Layout;
  /** Steps taken, with a gradient. */
  step = 0;
  /** By the names of the layout; empty before the first step. */
  arrays: Record<string, FloatArray> = {};
  /** In their place, where the layout packs them. */
  packed: Record<string, PackedArray> = {};
  /** Of a parameter that has had a row gradient. */
  rowStep: RowStep | null = null;
  /** What was last read of the parameter. */
  value: FloatArray;
  grad: FloatArray | null | undefined;
  rowGrad: RowGradient | null | undefined;

  constructor(
    read: Pick<ParameterState<Options, Memory>, 'parameter' | 'key' | 'value' | 'grad' | 'rowGrad' | 'shape'>,
    group: Group<Options, Memory>,
    scope: Scope<Options, Memory>,
    layout: Layout,
  ) {
    this.parameter = read.parameter;
    this.key = read.key;
    this.value = read.value;
    this.grad = read.grad;
    this.rowGrad = read.rowGrad;
    this.shape = read.shape;
    this.length = read.value.length;
    this.group = group;
    this.scope = scope;
    this.layout = layout;
  }

  get options(): Resolved<Options> {
    return this.group.options;
  }

  get memory(): Memory {
    return this.scope.memory;
  }

  /**
   * Reads the parameter again; true where its arrays are not those that were last read.
   * @throws TypeError or RangeError where they do not fit.
   */
  read(): boolean {
    const { value, grad, rowGrad } = arraysOf(this.parameter);
    checkStillFits(this, value, grad, rowGrad);
    if (value === this.value && grad === this.grad && rowGrad === this.rowGrad) return false;
    this.value = value;
    this.grad = grad;
    this.rowGrad = rowGrad;
    return true;
  }

  /** After a step that took its time. @throws Error where an array of the parameter is not the one that was stepped. */
  checkInPlace(): void {
    const { value, grad, rowGrad } = arraysOf(this.parameter);
    if (value === this.value && grad === this.grad && rowGrad === this.rowGrad) return;
    throw new Error(
      `parameter ${show(this.key)} must keep its value and grad while a step is at work in the background`,
    );
  }
}

/** The states under that memory. @throws TypeError or RangeError where a definition gives none that can be. */
export function layoutOf<Options extends OptimizerOptions, Memory extends object>(
  definition: Definition<Options, Memory>,
  options: Resolved<Options>,
  memory: Memory,
  shape: readonly number[],
): Layout {
  if (definition.update === undefined) {
    return ruleLayout(definition, definition.rule(options, memory), storedIn(options, sizeOf(shape)));
  }
  const lengths = definition.stateLengths?.(options, shape);
  if (lengths === undefined) return { names: definition.states ?? [], lengths: null, packing: null };
  const name = `stateLengths of ${definition.name}`;
  checkObject(name, lengths);
  checkStateNames(name, Object.keys(lengths));
  for (const [state, length] of Object.entries(lengths)) checkInteger(`${name}: ${state}`, length, 0);
  return { names: Object.keys(lengths), lengths: Object.values(lengths), packing: null };
}

/**
 * Schedules change numbers, not what is kept for a parameter.
 * @throws RangeError where other options mean other states.
 */
export function checkKeepsStates<Options extends OptimizerOptions, Memory extends object>(
  definition: Definition<Options, Memory>,
  { states, scheduled }: Group<Options, Memory>,
  options: Resolved<Options>,
  steps: number,
): void {
  for (const { memory, shape, layout } of states) {
    const { names, lengths } = layoutOf(definition, options, memory, shape);
    if (isSame(names, layout.names) && isSame(lengths ?? [], layout.lengths ?? [])) continue;
    const changing = scheduled.map(({ name }) => name).join(', ');
    throw new RangeError(
      `${definition.name} at step ${steps}: ${changing} must not change which states are kept, from ${show(layout.names)} to ${show(names)}: a momentum must start above 0 and stay there`,
    );
  }
}

const isSame = (a: readonly unknown[], b: readonly unknown[]) =>
  a === b || (a.length === b.length && a.every((one, i) => one === b[i]));

/** One for each rule and dtype: its operands after the parameter and the gradient are the states. */
const RULE_LAYOUTS = new Map<string, Readonly<Record<StateDType, Layout>>>(
  Object.entries(RULES).flatMap(([rule, signature]) => {
    if (!isUpdateRule(rule)) return [];
    const names = signature.operands.slice(2);
    const layoutIn = (dtype: StateDType): Layout => {
      const packing = dtype === 'float32' ? null : names.map((name) => packedTypeOf(signature, name, dtype));
      return { names, lengths: null, packing };
    };
    const [float32, bfloat16, int8] = STATE_DTYPES.map(layoutIn);
    return [[rule, { float32, bfloat16, int8 }]];
  }),
);

function ruleLayout({ name }: { readonly name: string }, rule: UpdateRule, dtype: StateDType): Layout {
  const layouts = RULE_LAYOUTS.get(rule);
  if (layouts !== undefined) return layouts[dtype];
  throw new RangeError(
    `rule of ${name} must be one of ${[...RULE_LAYOUTS.keys()].join(', ')}, got ${show(rule)}`,
  );
}

/** A state, by its place in the layout, as the next step finds it. */
export function stateArray<Options extends OptimizerOptions, Memory extends object>(
  definition: Definition<Options, Memory>,
  state: ParameterState<Options, Memory>,
  place: number,
): FloatArray {
  const { names, lengths } = state.layout;
  const name = names[place];
  // Of the length it had when it was checked: a learning rate may have taken it away since.
  state.arrays[name] ??= stateZeros(state.value, place, lengths?.[place] ?? state.length);
  const array = state.arrays[name];
  if (state.step === 0) {
    const filling = definition.initial?.(state.options, name) ?? 0;
    if (filling !== 0) fill(array, filling);
  }
  return array;
}

/** A state, by its place in the layout, as a rule takes it. */
export function stateOperand<Options extends OptimizerOptions, Memory extends object>(
  definition: RuleDefinition<Options, Memory>,
  state: ParameterState<Options, Memory>,
  place: number,
): Operand {
  const { names, packing } = state.layout;
  if (packing === null) return stateArray(definition, state, place);
  const name = names[place];
  state.packed[name] ??= packedZeros(packing[place], state.value, place, state.length);
  const filling = state.step === 0 ? (definition.initial?.(state.options, name) ?? 0) : 0;
  if (filling !== 0) pack(new Float32Array(state.length).fill(filling), state.packed[name], null, 0);
  return state.packed[name];
}

/** After memory has changed: where it means another rule, the states start anew. */
export function renewStates<Options extends OptimizerOptions, Memory extends object>(
  definition: RuleDefinition<Options, Memory>,
  state: ParameterState<Options, Memory>,
): void {
  const layout = ruleLayout(
    definition,
    definition.rule(state.options, state.memory),
    storedIn(state.options, state.length),
  );
  if (layout === state.layout) return;
  state.layout = layout;
  state.packed = {};
  const names = layout.packing === null ? layout.names : [];
  state.arrays = Object.fromEntries(names.map((name, i) => [name, stateZeros(state.value, i, state.length)]));
}

/** The learning rate of the parameter's next step, after so many of the optimizer's. */
export function rateOf<Options extends OptimizerOptions, Memory extends object>(
  definition: Definition<Options, Memory>,
  { options, memory }: ParameterState<Options, Memory>,
  steps: number,
): number {
  const scheduled = options.lr.at(steps);
  return definition.rate?.(scheduled, options, memory) ?? scheduled;
}

/** @returns the shape of a parameter, or its length alone. */
export function shapeOf(name: string, shape: unknown, length: number): readonly number[] {
  if (shape === undefined) return [length];
  const read = readShape(`${name}.shape`, shape);
  if (sizeOf(read) === length) return read;
  throw new RangeError(`${name}.shape must be of ${length} elements as its value is, got ${showShape(read)}`);
}

/** Tells the parameters that their values were written to. */
export function tellWritten(states: Iterable<{ readonly parameter: Parameter }>): void {
  for (const { parameter } of states) parameter[written]?.();
}

function checkStillFits(
  { key, length }: { readonly key: string; readonly length: number },
  value: FloatArray,
  grad: FloatArray | null | undefined,
  rowGrad: RowGradient | null | undefined,
): void {
  // Once per parameter and step: the names of the error messages are only made when there is one.
  // By the memory: where much code is compiled, the engine may still read the length that a detached array had.
  if (isFloats(value) && lengthOf(value) === length) {
    if (rowGrad) checkRowGradient(`parameter ${show(key)}`, value, grad, rowGrad);
    if (!grad || (isLike(grad, value) && lengthOf(grad) === length)) return;
  }
  const name = `parameter ${show(key)}`;
  if (isFloats(value) && lengthOf(value) !== length) {
    throw new RangeError(
      `${name}.value must have ${length} elements as when it joined, got ${lengthOf(value)}; was its buffer detached?`,
    );
  }
  checkParameter(name, { value, grad, rowGrad });
}
