import { isFloats, isLike } from '../core/dtypes.js';
import { checkLength, coincide, lengthOf, overlap, zerosLike } from '../core/float-arrays.js';
import { type Shape, sizeOf } from '../core/shapes.js';
import type { FloatArray } from '../core/types.js';
import { show } from '../core/validate.js';

// What array functions check before they touch anything.

/** A float array whose memory has not been transferred away. */
export function checkFloats(name: string, value: unknown): asserts value is FloatArray {
  if (!isFloats(value)) {
    throw new TypeError(`${name} must be a Float32Array or a Float64Array, got ${show(value)}`);
  }
  checkLength(name, value);
}

export function checkSameType(name: string, array: FloatArray, like: FloatArray): void {
  if (!isLike(array, like)) {
    throw new TypeError(`${name} must be a ${like.constructor.name} like the others, got ${show(array)}`);
  }
}

/** The product of the lengths is that of the array: to be asked once nothing is left to read that could take it away. */
export function checkSize(name: string, shape: Shape, array: FloatArray): void {
  if (sizeOf(shape) !== lengthOf(array)) {
    throw new RangeError(`${name} must hold the ${array.length} elements of its array, got ${show(shape)}`);
  }
}

/** `out`, or a new array: of the element type of the inputs, and of this length. */
export function resultFor(out: unknown, length: number, like: FloatArray): FloatArray {
  if (out === undefined) return zerosLike(like, length);
  checkFloats('out', out);
  checkSameType('out', out, like);
  if (out.length !== length) throw new RangeError(`out must have ${length} elements, got ${out.length}`);
  return out;
}

/** `out` may be the input itself, element for element, but not a part of it or shifted against it. */
export function checkInPlace(out: FloatArray, name: string, input: FloatArray): void {
  if (overlap(out, input) && !coincide(out, input)) {
    throw new RangeError(`out must be ${name} itself or share no memory with it`);
  }
}

/** `out` shares no memory with the input. */
export function checkApart(out: ArrayBufferView, name: string, input: ArrayBufferView): void {
  if (overlap(out, input)) throw new RangeError(`out must not share memory with ${name}`);
}
