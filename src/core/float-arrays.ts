import { elementTypeOf, viewLike, zeros } from './dtypes.js';
import type { ElementArray, FloatArray } from './types.js';

// Where typed arrays really lie, and how long they really are: an object may say otherwise by properties of its own, and
// kernels go by memory.

type Name = 'length' | 'buffer' | 'byteOffset' | 'byteLength';
type View = ArrayBufferView<ArrayBufferLike>;

const prototype: object = Object.getPrototypeOf(Float32Array.prototype);

function getterOf<T>(name: Name): (this: View) => T {
  const getter = Object.getOwnPropertyDescriptor(prototype, name)?.get;
  if (getter === undefined) throw new Error(`typed arrays have no ${name} here`);
  return getter;
}

const length = getterOf<number>('length');
const buffer = getterOf<ArrayBufferLike>('buffer');
const byteOffset = getterOf<number>('byteOffset');
const byteLength = getterOf<number>('byteLength');

/** The elements that there are: none once the buffer is detached. */
export function lengthOf(array: View): number {
  return length.call(array);
}

/** Node 20 has no `ArrayBuffer.prototype.detached`: no view can be made of a detached buffer. */
export function isDetached(array: View): boolean {
  if (lengthOf(array) > 0) return false;
  try {
    new Uint8Array(buffer.call(array));
    return false;
  } catch {
    return true;
  }
}

/** @throws TypeError where the array is detached, or has a length that is not that of its memory. */
export function checkLength(name: string, array: View & { readonly length: number }): void {
  const real = lengthOf(array);
  if (real === 0 && isDetached(array)) throw new TypeError(`${name} must not be detached`);
  if (array.length !== real) {
    throw new TypeError(
      `${name} must have no length of its own: it has ${real} elements, got ${array.length}`,
    );
  }
}

/** Bytes of a buffer. */
export interface Range {
  readonly buffer: ArrayBufferLike;
  readonly begin: number;
  readonly end: number;
}

export function bufferOf(array: View): ArrayBufferLike {
  return buffer.call(array);
}

/** Whether another thread may write to the array while it is being read. */
export function isShared(array: View): boolean {
  return !(bufferOf(array) instanceof ArrayBuffer);
}

export function rangeOf(array: View): Range {
  const begin = byteOffset.call(array);
  return { buffer: buffer.call(array), begin, end: begin + byteLength.call(array) };
}

export function overlap(a: View, b: View): boolean {
  if (buffer.call(a) !== buffer.call(b)) return false;
  const [one, other] = [rangeOf(a), rangeOf(b)];
  return one.begin < other.end && other.begin < one.end;
}

/** Whether both are the same bytes. */
export function coincide(a: View, b: View): boolean {
  if (a === b) return true;
  const [one, other] = [rangeOf(a), rangeOf(b)];
  return one.buffer === other.buffer && one.begin === other.begin && one.end === other.end;
}

/** A copy of what the array really holds: nothing, where it is detached. */
export function copyOf(array: FloatArray): FloatArray {
  if (isDetached(array)) return zerosLike(array, 0);
  const copy = zerosLike(array, lengthOf(array));
  copy.set(array);
  return copy;
}

/** A new array of zeros of the element type of `like`. */
export function zerosLike(like: FloatArray, length: number): FloatArray;
export function zerosLike(like: ElementArray, length: number): ElementArray;
export function zerosLike(like: ElementArray, length: number): ElementArray {
  return zeros(elementTypeOf(like), length);
}

/** The elements from `begin` to `end` in the same memory, of the array's own type: `array.subarray()` asks its `constructor`. */
export function subarray<A extends ElementArray>(array: A, begin: number, end = lengthOf(array)): A {
  const first = Math.min(begin, lengthOf(array));
  const count = Math.max(0, Math.min(end, lengthOf(array)) - first);
  return viewLike(array, bufferOf(array), byteOffset.call(array), first, count);
}
