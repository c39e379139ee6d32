import type { Parameter } from '../array/parameter.js';
import type { RowGradient } from '../array/row-gradient.js';
import { isFloats, isLike } from '../core/dtypes.js';
import { readShape, showShape, sizeOf } from '../core/shapes.js';
import type { FloatArray } from '../core/types.js';
import { show } from '../core/validate.js';
import { written } from '../core/written.js';
import type { Schedule } from '../schedule/index.js';
import type { Resolved } from './common-options.js';
import { checkDisjoint, checkParameter, checkRowGradient } from './parameters.js';
import type { RowStep } from './rows.js';

/** What an optimizer keeps for one parameter. */
export interface ParameterState {
  readonly parameter: Parameter;
  /** The key in a state dictionary: the parameter's name, or `#` and its position where it has none. */
  readonly key: string;
  /** Elements when the parameter joined: a detached buffer has none any more. */
  readonly length: number;
  /** The parameter's, or its length alone. */
  readonly shape: readonly number[];
  /** Steps taken, with a gradient. */
  step: number;
  /** By name; empty before the first step. */
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
  readonly options: Resolved<Options>;
  schedule: Schedule;
  readonly states: readonly ParameterState[];
}

/** @throws TypeError or RangeError naming the parameter that cannot join those of `groups`. */
export function joinParameters(params: unknown, groups: readonly Group<unknown>[]): ParameterState[] {
  checkIterable('group.params must be an iterable of parameters', params);
  const others = groups.flatMap(({ states }) => states);
  const taken = new Set(others.map(({ parameter }) => parameter));
  const keys = new Set(others.map(({ key }) => key));
  const states = Array.from(params, (parameter, i): ParameterState => {
    const position = taken.size;
    checkParameter(`params[${i}]`, parameter);
    if (taken.has(parameter)) throw new RangeError(`params[${i}] is in the optimizer already`);
    const key = parameter.name ?? `#${position}`;
    if (keys.has(key)) throw new RangeError(`params: the name ${show(key)} is taken by another parameter`);
    taken.add(parameter);
    keys.add(key);
    const { value, grad, rowGrad } = parameter;
    const { length } = value;
    const shape = shapeOf(`params[${i}]`, parameter.shape, length);
    return { parameter, key, length, shape, step: 0, arrays: {}, value, grad, rowGrad };
  });
  if (states.length === 0) throw new RangeError('params must hold at least one parameter');
  const current = others.map(({ key, parameter: { value, grad, rowGrad } }) => ({
    key,
    value,
    grad,
    rowGrad,
  }));
  checkDisjoint([...current, ...states]);
  return states;
}

function shapeOf(name: string, shape: unknown, length: number): readonly number[] {
  if (shape === undefined) return [length];
  const read = readShape(`${name}.shape`, shape);
  if (sizeOf(read) === length) return read;
  throw new RangeError(`${name}.shape must be of ${length} elements as its value is, got ${showShape(read)}`);
}

export function checkIterable(expected: string, value: unknown): asserts value is Iterable<unknown> {
  const isIterable =
    typeof value === 'object' && value !== null && typeof Reflect.get(value, Symbol.iterator) === 'function';
  if (!isIterable) throw new TypeError(`${expected}, got ${show(value)}`);
}

/** Reads the parameters, once in a step, and finds out whether they still fit and share no memory. */
export class ParameterReader {
  /** Whether the arrays last read of all parameters were found to share none. */
  #isDisjoint = false;

  /** @returns whether the parameter has a gradient. @throws TypeError or RangeError where it does not fit any more. */
  read(state: ParameterState): boolean {
    const { value, grad, rowGrad } = state.parameter;
    checkStillFits(state, value, grad, rowGrad);
    if (value !== state.value || grad !== state.grad || rowGrad !== state.rowGrad) {
      state.value = value;
      state.grad = grad;
      state.rowGrad = rowGrad;
      this.#isDisjoint = false;
    }
    return Boolean(grad || rowGrad);
  }

  /** @throws RangeError where arrays share memory. The same arrays are where they were. */
  checkDisjoint(groups: readonly Group<unknown>[]): void {
    if (!this.#isDisjoint) checkDisjoint(groups.flatMap((group) => group.states));
    this.#isDisjoint = true;
  }

  /** Parameters have joined. */
  reset(): void {
    this.#isDisjoint = false;
  }
}

/** Tells the parameters that their values were written to. */
export function tellWritten(states: readonly ParameterState[]): void {
  for (const { parameter } of states) parameter[written]?.();
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
