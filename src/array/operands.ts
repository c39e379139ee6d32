import type { FloatArray } from '../types.js';
import { checkInteger, show } from '../validate.js';

// What array functions check before they touch anything.

export type Shape = readonly number[];

export function isFloats(value: unknown): value is FloatArray {
  return value instanceof Float32Array || value instanceof Float64Array;
}

/** A float array whose memory has not been transferred away. */
export function checkFloats(name: string, value: unknown): asserts value is FloatArray {
  if (!isFloats(value)) {
    throw new TypeError(`${name} must be a Float32Array or a Float64Array, got ${show(value)}`);
  }
  if (value.length === 0 && isDetached(value)) throw new TypeError(`${name} must not be detached`);
}

function isDetached({ buffer }: FloatArray): boolean {
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

export function checkSameType(name: string, array: FloatArray, like: FloatArray): void {
  if (array instanceof Float32Array !== like instanceof Float32Array) {
    throw new TypeError(`${name} must be a ${like.constructor.name} like the others, got ${show(array)}`);
  }
}

/** Row-major lengths whose product is the length of the array. */
export function checkShape(name: string, shape: unknown, array: FloatArray): asserts shape is Shape {
  if (!Array.isArray(shape)) throw new TypeError(`${name} must be an array of lengths, got ${show(shape)}`);
  shape.forEach((length, d) => {
    checkInteger(`${name}[${d}]`, length, 0);
  });
  if (sizeOf(shape) !== array.length) {
    throw new RangeError(`${name} must hold the ${array.length} elements of its array, got ${show(shape)}`);
  }
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** A new array of the element type of `like`. */
export function newLike(like: FloatArray, length: number): FloatArray {
  return like instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
}

/** `out`, or a new array: of the element type of the inputs, and of this length. */
export function resultFor(out: unknown, length: number, like: FloatArray): FloatArray {
  if (out === undefined) return newLike(like, length);
  checkFloats('out', out);
  checkSameType('out', out, like);
  if (out.length !== length) throw new RangeError(`out must have ${length} elements, got ${out.length}`);
  return out;
}

export function overlap(a: ArrayBufferView, b: ArrayBufferView): boolean {
  return (
    a.buffer === b.buffer &&
    a.byteOffset < b.byteOffset + b.byteLength &&
    b.byteOffset < a.byteOffset + a.byteLength
  );
}

/** `out` may be the input itself, element for element, but not a part of it or shifted against it. */
export function checkInPlace(out: FloatArray, name: string, input: FloatArray): void {
  if (overlap(out, input) && (out.byteOffset !== input.byteOffset || out.length !== input.length)) {
    throw new RangeError(`out must be ${name} itself or share no memory with it`);
  }
}

/** `out` shares no memory with the input. */
export function checkApart(out: ArrayBufferView, name: string, input: ArrayBufferView): void {
  if (overlap(out, input)) throw new RangeError(`out must not share memory with ${name}`);
}
