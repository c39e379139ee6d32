import { showShape, sizeOf } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { isObject, show } from '../../core/validate.js';
import type { ArrayOfShape } from '../../data/index.js';

// What goes from a pipeline to a loader: arrays of all rows of a step, in memory that later steps use again.

/** The rows of a step. */
export interface Table {
  readonly rows: number;
  readonly x: ArrayOfShape<FloatArray>;
  readonly y: Int32Array | ArrayOfShape<FloatArray>;
}

type Elements = FloatArray | Int32Array;
type ElementsClass<A> = new (memory: ArrayBufferLike, offset: number, length: number) => A;

/** Memory of one step: an array for x and one for y, which grow where a step needs more. */
export class Slot {
  readonly #shared: boolean;
  readonly #memory = new Map<string, ArrayBufferLike>();

  /** @param shared whether another thread reads it. */
  constructor(shared: boolean) {
    this.#shared = shared;
  }

  take<A extends Elements>(name: 'x' | 'y', like: A, length: number): A {
    const bytes = length * like.BYTES_PER_ELEMENT;
    let memory = this.#memory.get(name);
    if (memory === undefined || memory.byteLength < bytes) {
      memory = this.#shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
      this.#memory.set(name, memory);
    }
    const Class = like.constructor as ElementsClass<A>;
    return new Class(memory, 0, length);
  }
}

const FLOAT = new Float32Array(0);
const DOUBLE = new Float64Array(0);
const WHOLE = new Int32Array(0);

/** One below the other, in memory of the slot. @throws TypeError or RangeError naming the sample that does not fit. */
export function stack(samples: readonly unknown[], slot: Slot): Table {
  const rows = samples.length;
  const first = readSample(samples[0], 0);
  const x = slot.take(
    'x',
    first.x.value instanceof Float64Array ? DOUBLE : FLOAT,
    rows * first.x.value.length,
  );
  const y = slot.take('y', first.y.like, rows * first.y.value.length);
  for (const [row, sample] of samples.entries()) {
    const one = row === 0 ? first : readSample(sample, row);
    for (const name of ['x', 'y'] as const) checkAlike(row, name, one[name], first[name]);
    x.set(one.x.value, row * first.x.value.length);
    y.set(one.y.value, row * first.y.value.length);
  }
  const table = { rows, x: { value: x, shape: [rows, ...first.x.shape] } };
  return y instanceof Int32Array
    ? { ...table, y }
    : { ...table, y: { value: y, shape: [rows, ...first.y.shape] } };
}

interface Read {
  readonly value: ArrayLike<number>;
  readonly shape: readonly number[];
  readonly like: Elements;
}

function readSample(sample: unknown, row: number): { readonly x: Read; readonly y: Read } {
  if (!isObject(sample)) throw new TypeError(`a sample must be an object { x, y }, got ${show(sample)}`);
  return { x: readX(sample.x, row), y: readY(sample.y, row) };
}

function readX(x: unknown, row: number): Read {
  const { value, shape } = shaped(x);
  if (isFloats(value) || value instanceof Uint8Array || value instanceof Int32Array) {
    return checkShape(`x of sample ${row}`, { value, shape: shape ?? [value.length], like: FLOAT });
  }
  throw new TypeError(
    `x of sample ${row} of a step must be an array of numbers, or { value, shape }, got ${show(x)}`,
  );
}

function readY(y: unknown, row: number): Read {
  if (typeof y === 'number') {
    if (Number.isInteger(y)) return { value: [y], shape: [], like: WHOLE };
    throw new RangeError(
      `y of sample ${row} of a step must be the number of a class, got ${y}: give Float32Array.of(${y}) for a number to come near to`,
    );
  }
  if (y instanceof Int32Array) return { value: y, shape: [y.length], like: WHOLE };
  const { value, shape } = shaped(y);
  if (!isFloats(value)) {
    throw new TypeError(
      `y of sample ${row} of a step must be a number, an Int32Array or floats, got ${show(y)}`,
    );
  }
  const like = value instanceof Float64Array ? DOUBLE : FLOAT;
  return checkShape(`y of sample ${row}`, { value, shape: shape ?? [value.length], like });
}

function shaped(given: unknown): { value: unknown; shape: readonly number[] | undefined } {
  if (!isObject(given)) return { value: given, shape: undefined };
  const { value, shape } = given;
  const isShape =
    Array.isArray(shape) && shape.every((length) => Number.isSafeInteger(length) && length >= 0);
  return isShape ? { value, shape } : { value: given, shape: undefined };
}

function checkShape(name: string, read: Read): Read {
  if (sizeOf(read.shape) === read.value.length && read.value.length > 0) return read;
  throw new RangeError(
    `${name} of a step must have the elements of shape ${showShape(read.shape)}, at least one, got ${read.value.length}`,
  );
}

function checkAlike(row: number, name: 'x' | 'y', one: Read, first: Read): void {
  const isSame =
    one.like.constructor === first.like.constructor &&
    one.shape.length === first.shape.length &&
    one.shape.every((length, d) => length === first.shape[d]);
  if (isSame) return;
  throw new RangeError(
    `${name} of sample ${row} of a step must be as that of its first sample, of shape ${showShape(first.shape)}, got ` +
      `${showShape(one.shape)}: a collate function can make them alike`,
  );
}

/** A copy of what a collate function made, in memory of the slot. @throws TypeError naming what does not fit. */
export function copyColumns(columns: unknown, slot: Slot): Table {
  if (!isObject(columns)) throw new TypeError(`collate must return { x, y }, got ${show(columns)}`);
  const x = copyShaped('x', columns.x, slot);
  const [rows = 0] = x.shape;
  if (rows === 0) throw new RangeError('x that collate returns must have a first dimension of rows');
  if (!(columns.y instanceof Int32Array)) {
    const y = copyShaped('y', columns.y, slot);
    if (y.shape[0] === rows) return { rows, x, y };
    throw new RangeError(
      `y that collate returns must have ${rows} rows as x has, got shape ${showShape(y.shape)}`,
    );
  }
  if (columns.y.length === 0 || columns.y.length % rows !== 0) {
    throw new RangeError(
      `y that collate returns must have as many numbers for each of ${rows} rows, got ${columns.y.length}`,
    );
  }
  const y = slot.take('y', WHOLE, columns.y.length);
  y.set(columns.y);
  return { rows, x, y };
}

function copyShaped(name: 'x' | 'y', given: unknown, slot: Slot): ArrayOfShape<FloatArray> {
  const { value, shape } = shaped(given);
  if (!isFloats(value) || shape === undefined) {
    throw new TypeError(
      `${name} that collate returns must be floats with a shape, { value, shape }, got ${show(given)}`,
    );
  }
  if (sizeOf(shape) !== value.length) {
    throw new RangeError(
      `${name} that collate returns must have the elements of its shape ${showShape(shape)}, got ${value.length}`,
    );
  }
  const copy = slot.take(name, value instanceof Float64Array ? DOUBLE : FLOAT, value.length);
  copy.set(value);
  return { value: copy, shape };
}

function isFloats(value: unknown): value is FloatArray {
  return value instanceof Float32Array || value instanceof Float64Array;
}
