import type { FloatArray } from '../core/types.js';
import { show } from '../core/validate.js';
import { DataError } from './errors.js';

/** An array with the lengths of its dimensions, row-major. */
export interface ArrayOfShape<A = FloatArray | Int32Array> {
  readonly value: A;
  readonly shape: readonly number[];
}

/** The element types of files, little-endian as all machines are that Node runs on but one (s390x), where files are refused. */
export const ELEMENT_TYPES = [
  { array: Float32Array, npy: '<f4', safetensors: 'F32', bytes: 4 },
  { array: Float64Array, npy: '<f8', safetensors: 'F64', bytes: 8 },
  { array: Int32Array, npy: '<i4', safetensors: 'I32', bytes: 4 },
] as const;

export type ElementType = (typeof ELEMENT_TYPES)[number];

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

export function checkByteOrder(name: string): void {
  if (!LITTLE_ENDIAN) throw new DataError(`${name}: this machine is big-endian, which is not supported`);
}

/** The element type of an array that is to be written. */
export function elementTypeOf(name: string, value: unknown): ElementType {
  const found = ELEMENT_TYPES.find(({ array }) => value instanceof array);
  if (found === undefined) {
    throw new TypeError(
      `${name} must be a Float32Array, a Float64Array or an Int32Array, got ${show(value)}`,
    );
  }
  return found;
}

/** How many elements an array of this shape has, which may be none. @throws TypeError or RangeError */
export function checkLengths(name: string, shape: unknown): asserts shape is readonly number[] {
  if (
    !Array.isArray(shape) ||
    !Array.from(shape).every((length) => Number.isSafeInteger(length) && length >= 0)
  ) {
    throw new TypeError(`${name} must be an array of lengths, got ${show(shape)}`);
  }
}

/** The bytes of a file in memory. */
export function checkBytes(bytes: unknown): asserts bytes is Uint8Array {
  if (!(bytes instanceof Uint8Array)) throw new TypeError(`bytes must be a Uint8Array, got ${show(bytes)}`);
}

/** The elements in these bytes, as a copy that is aligned and nobody else's. */
export function elementsFrom(type: ElementType, bytes: Uint8Array): FloatArray | Int32Array {
  const copy = new Uint8Array(bytes);
  return new type.array(copy.buffer);
}

export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
