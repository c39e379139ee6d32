import { type Axes, checkAxes, checkAxis, type Line, lineOf, linesOf } from '../axes.js';
import type { FloatArray } from '../types.js';
import { checkInteger, checkNoOthers, checkObject, show } from '../validate.js';

// The checks of functions that go along axes of an array.

export interface AxesOptions<A> {
  /** Row-major lengths whose product is the length of x. Default `[x.length]`. */
  readonly shape?: readonly number[];
  /** What to reduce: axes from -rank to rank - 1. Default: all. */
  readonly axes?: Axes;
  /** Where the result goes; it must not share memory with x. Default: a new array. */
  readonly out?: A;
}

export interface AxisOptions<A> {
  /** Row-major lengths whose product is the length of x. Default `[x.length]`. */
  readonly shape?: readonly number[];
  /** From -rank to rank - 1. Default -1, the last. */
  readonly axis?: number;
  /** Where the result goes. Default: a new array. */
  readonly out?: A;
}

export function checkFloats(name: string, value: unknown): asserts value is FloatArray {
  if (!(value instanceof Float32Array || value instanceof Float64Array)) {
    throw new TypeError(`${name} must be a Float32Array or a Float64Array, got ${show(value)}`);
  }
}

/** A new array of the type of x. */
export function emptyLike(x: FloatArray, length: number): FloatArray {
  return x instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
}

function checkShapeOf(x: FloatArray, shape: unknown = [x.length]): readonly number[] {
  if (!Array.isArray(shape)) throw new TypeError(`shape must be an array of lengths, got ${show(shape)}`);
  let size = 1;
  shape.forEach((length, i) => {
    checkInteger(`shape[${i}]`, length, 0);
    size *= length;
  });
  if (size !== x.length) {
    throw new RangeError(`shape must hold the ${x.length} elements of x, got ${show(shape)}`);
  }
  return shape;
}

/** The lines to reduce one after the other, and how many numbers are left. */
export function checkReduction(
  x: unknown,
  options: unknown,
): { x: FloatArray; lines: Line[]; size: number; out: FloatArray | undefined } {
  checkFloats('x', x);
  checkObject('options', options);
  const { shape: given, axes, out, ...others }: AxesOptions<unknown> = options;
  checkNoOthers('options', others);
  const shape = checkShapeOf(x, given);
  const lines = linesOf(shape, checkAxes(axes, shape.length));
  const { outer, inner } = lines[lines.length - 1];
  return { x, lines, size: outer * inner, out: checkOut(out, x, outer * inner) };
}

/** The line to go along, and where the result goes: x itself, or memory apart from it. */
export function checkLine(x: unknown, options: unknown): { x: FloatArray; line: Line; out: FloatArray } {
  checkFloats('x', x);
  checkObject('options', options);
  const { shape: given, axis = -1, out, ...others }: AxisOptions<unknown> = options;
  checkNoOthers('options', others);
  const shape = checkShapeOf(x, given);
  const line = lineOf(shape, checkAxis('axis', axis, shape.length));
  const inPlace = out instanceof Object && out === x;
  return { x, line, out: inPlace ? x : (checkOut(out, x, x.length) ?? emptyLike(x, x.length)) };
}

/** As {@link checkLine}, with a result of whole numbers, one for each line. */
export function checkPositions(x: unknown, options: unknown): { x: FloatArray; line: Line; out: Int32Array } {
  checkFloats('x', x);
  checkObject('options', options);
  const { shape: given, axis = -1, out, ...others }: AxisOptions<unknown> = options;
  checkNoOthers('options', others);
  const shape = checkShapeOf(x, given);
  const line = lineOf(shape, checkAxis('axis', axis, shape.length));
  checkNotEmpty(line);
  if (line.count > 2 ** 31)
    throw new RangeError(`the axis must have at most 2^31 elements, got ${line.count}`);
  const size = line.outer * line.inner;
  if (out === undefined) return { x, line, out: new Int32Array(size) };
  if (!(out instanceof Int32Array)) throw new TypeError(`out must be an Int32Array, got ${show(out)}`);
  checkPlace(out, x, size);
  return { x, line, out };
}

/** What has no neutral element, such as the largest number, needs one element at least. */
export function checkNotEmpty({ count }: Line): void {
  if (count === 0) throw new RangeError('x must have at least one element along the axes, got 0');
}

function checkOut(out: unknown, x: FloatArray, size: number): FloatArray | undefined {
  if (out === undefined) return undefined;
  checkFloats('out', out);
  if (out.constructor !== x.constructor) {
    throw new TypeError(`out must be a ${x.constructor.name} as x is, got ${show(out)}`);
  }
  checkPlace(out, x, size);
  return out;
}

function checkPlace(out: FloatArray | Int32Array, x: FloatArray, size: number): void {
  if (out.length !== size) throw new RangeError(`out must have ${size} elements, got ${out.length}`);
  const apart =
    out.buffer !== x.buffer ||
    out.byteOffset >= x.byteOffset + x.byteLength ||
    x.byteOffset >= out.byteOffset + out.byteLength;
  if (!apart && size > 0) throw new RangeError('out must not share memory with x');
}
