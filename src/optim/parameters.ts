import type { Parameter } from '../array/parameter.js';
import { queuedValues, RowGradient } from '../array/row-gradient.js';
import { isFloats, isLike } from '../core/dtypes.js';
import { bufferOf, checkLength, isDetached, lengthOf, type Range, rangeOf } from '../core/float-arrays.js';
import { queued } from '../core/queued.js';
import type { FloatArray } from '../core/types.js';
import { checkObject, isObject, show } from '../core/validate.js';

/** @throws TypeError or RangeError if `value` is not a {@link Parameter} that can be trained. */
export function checkParameter(name: string, value: unknown): asserts value is Parameter {
  if (!isObject(value)) {
    throw new TypeError(`${name} must be an object { value, grad }, got ${show(value)}`);
  }
  const { value: array, grad, rowGrad } = unknownArraysOf(value);
  if (!isFloats(array)) {
    throw new TypeError(`${name}.value must be a Float32Array or a Float64Array, got ${show(array)}`);
  }
  if (isDetached(array)) throw new TypeError(`${name}.value has a detached buffer`);
  checkLength(`${name}.value`, array);
  if (value.name !== undefined && typeof value.name !== 'string') {
    throw new TypeError(`${name}.name must be a string, got ${show(value.name)}`);
  }
  checkGradient(name, array, grad);
  checkRowGradient(name, array, grad, rowGrad);
}

/** @throws TypeError where this is no iterable, saying what was meant where that can be told. */
export function checkIterable(name: string, value: unknown, what: string): void {
  if (typeof value === 'object' && value !== null && Symbol.iterator in value) return;
  const remedy = !isObject(value)
    ? ''
    : typeof value.parameters === 'function'
      ? ': pass its parameters()'
      : 'value' in value
        ? ': pass it in an array'
        : '';
  throw new TypeError(`${name} must be an iterable of ${what}, got ${show(value)}${remedy}`);
}

/** See `arraysOf`: of what may be no parameter. */
function unknownArraysOf(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const arrays: unknown = Reflect.get(value, queued);
  const given: unknown = typeof arrays === 'function' ? Reflect.apply(arrays, value, []) : value;
  checkObject('the arrays of a parameter', given);
  return given;
}

/** @throws TypeError or RangeError if `rowGrad` is neither absent nor a gradient of `value` in the place of `grad`. */
export function checkRowGradient(
  name: string,
  value: FloatArray,
  grad: unknown,
  rowGrad: unknown,
): asserts rowGrad is RowGradient | null | undefined {
  if (rowGrad === null || rowGrad === undefined) return;
  if (!(rowGrad instanceof RowGradient)) {
    throw new TypeError(`${name}.rowGrad must be a RowGradient or null, got ${show(rowGrad)}`);
  }
  if (grad) {
    throw new TypeError(
      `${name} has both a grad and a rowGrad: a table that is also used as a whole must not be sparse ` +
        '(new Embedding(..., { sparse: false }))',
    );
  }
  const { rowCount, columns } = rowGrad;
  const values = queuedValues(rowGrad);
  if (rowCount * columns !== value.length || !isLike(values, value)) {
    throw new RangeError(
      `${name}.rowGrad must be of a ${value.constructor.name} of ${value.length} elements, got ${rowCount} x ` +
        `${columns} of a ${values.constructor.name}`,
    );
  }
}

/** @throws TypeError or RangeError if `grad` is neither absent nor of the type and length of `value`. */
export function checkGradient(
  name: string,
  value: FloatArray,
  grad: unknown,
): asserts grad is FloatArray | null | undefined {
  if (grad === null || grad === undefined) return;
  if (!isLike(grad, value)) {
    throw new TypeError(
      `${name}.grad must be a ${value.constructor.name} as its value is, got ${show(grad)}`,
    );
  }
  if (grad.length !== value.length || lengthOf(grad) !== value.length) {
    throw new RangeError(
      `${name}.grad must have ${value.length} elements as its value has, got ${lengthOf(grad)}` +
        (isDetached(grad) ? ' (its buffer is detached)' : ''),
    );
  }
}

/** What a step of one parameter reads and writes, apart from states that nobody else has. */
export interface Memory {
  readonly key: string;
  readonly value: FloatArray;
  readonly grad: FloatArray | null | undefined;
  readonly rowGrad: RowGradient | null | undefined;
}

/** @throws RangeError if any two values or gradients share memory: what is written for one would change the other. */
export function checkDisjoint(entries: readonly Memory[]): void {
  const buffers = new Set<ArrayBufferLike>();
  const shared = new Set<ArrayBufferLike>();
  const look = (array: FloatArray) => {
    const buffer = bufferOf(array);
    const before = buffers.size;
    if (buffers.add(buffer).size === before) shared.add(buffer);
  };
  for (const { value, grad, rowGrad } of entries) {
    look(value);
    if (grad) look(grad);
    if (rowGrad) look(queuedValues(rowGrad));
  }
  if (shared.size > 0) checkApart(entries, shared);
}

/** Most buffers hold one array; of the others, neighbours are compared. */
function checkApart(entries: readonly Memory[], shared: ReadonlySet<ArrayBufferLike>): void {
  const groups = new Map<ArrayBufferLike, (Range & { readonly name: string })[]>();
  const note = (key: string, what: string, array: FloatArray) => {
    const range = rangeOf(array);
    if (!shared.has(range.buffer) || range.begin === range.end) return;
    const named = { ...range, name: `parameter ${show(key)}.${what}` };
    const group = groups.get(range.buffer);
    if (group === undefined) groups.set(range.buffer, [named]);
    else group.push(named);
  };
  for (const { key, value, grad, rowGrad } of entries) {
    note(key, 'value', value);
    if (grad) note(key, 'grad', grad);
    if (rowGrad) note(key, 'rowGrad', queuedValues(rowGrad));
  }
  for (const group of groups.values()) {
    group.sort((a, b) => a.begin - b.begin);
    for (let i = 1; i < group.length; i++) {
      if (group[i].begin < group[i - 1].end) {
        throw new RangeError(`${group[i].name} must not share memory with ${group[i - 1].name}`);
      }
    }
  }
}
