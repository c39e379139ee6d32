import type { Copying } from '../core/copied-state.js';
import { type DType, dtypeOf, type TensorDType, zeros } from '../core/dtypes.js';
import { bufferOf, isDetached, lengthOf, rangeOf, subarray } from '../core/float-arrays.js';
import type { ElementArray, FloatArray } from '../core/types.js';
import { type PackedArray, type PackedType, packedLength } from './contract/storage.js';
import { pageOffset, takeLargePages } from './select.js';

/** Puts float32 into packed states, and takes it out again: see native/simd/packed.h. */
export { pack, unpack } from './typescript/packed.js';

// Where arrays begin that the library keeps and uses again. Node's own begin at any multiple of 16 bytes, where three of four
// vectors lie on two lines of the cache. These lie inside a buffer that is a little longer.

/** Bytes of a line of the cache, and of the widest vector: kAlignment in native/parallel.h. */
const LINE = 64;

/** Smaller arrays are not worth a longer buffer. */
const LEAST_BYTES = 512;

/** Bytes after which addresses look alike to a processor that has to know whether a load follows a store to the same place. */
const PAGE = 4096;

/** From here on a page more is little. */
const LEAST_PAGED_BYTES = 4 * PAGE;

/** Two large pages: less may hold none. */
const LEAST_LARGE_BYTES = 2 ** 22;

/** A new array of zeros that begins on a line of the cache. */
export function alignedZeros(dtype: DType, length: number): FloatArray;
export function alignedZeros(dtype: TensorDType, length: number): ElementArray;
export function alignedZeros(dtype: TensorDType, length: number): ElementArray {
  return place(dtype, length, LEAST_BYTES, LINE, 0);
}

/** The same of the element type of `like`. */
export function alignedZerosLike(like: FloatArray, length: number): FloatArray {
  return alignedZeros(dtypeOf(like), length);
}

/** A copy of what the array really holds: nothing, where it is detached. */
export function alignedCopyOf(array: FloatArray): FloatArray {
  const copy = alignedZerosLike(array, lengthOf(array));
  if (!isDetached(array)) copy.set(array);
  return copy;
}

/**
 * Arrays that the user keeps, as state dictionaries are made of: each has a buffer of its own. New memory in pages of 4 KB costs many
 * times what copying does.
 */
export const plainCopies: Copying = {
  copy: (array) => copied(plainCopies, array),
  take: takePlain,
};

function takePlain(dtype: 'float32', length: number): Float32Array;
function takePlain(dtype: DType, length: number): FloatArray;
function takePlain(dtype: DType, length: number): FloatArray {
  const array = zeros(dtype, length);
  if (array.byteLength >= LEAST_LARGE_BYTES) takeLargePages(bufferOf(array));
  return array;
}

/** A copy of what the array really holds: nothing, where it is detached. */
function copied(copying: Copying, array: FloatArray): FloatArray {
  if (isDetached(array)) return zeros(dtypeOf(array), 0);
  const copy = copying.take(dtypeOf(array), lengthOf(array));
  copy.set(array);
  return copy;
}

/** Memory for copies that belongs to whoever made them, and is used again: new memory costs many times what copying does. */
export class KeptCopies implements Copying {
  #free = new Map<string, FloatArray[]>();
  #used = new Map<string, FloatArray[]>();

  copy(array: FloatArray): FloatArray {
    return copied(this, array);
  }

  take(dtype: 'float32', length: number): Float32Array;
  take(dtype: DType, length: number): FloatArray;
  take(dtype: DType, length: number): FloatArray {
    const key = `${dtype} ${length}`;
    const array = this.#free.get(key)?.pop() ?? plainCopies.take(dtype, length);
    const used = this.#used.get(key);
    if (used === undefined) this.#used.set(key, [array]);
    else used.push(array);
    return array;
  }

  /** Nobody has the copies any more: the next ones take their places. Those that were not used since the last time go. */
  release(): void {
    this.#free = this.#used;
    this.#used = new Map();
  }
}

/** The arrays themselves, for whoever is done with them before anybody changes them. */
export class Lent implements Copying {
  readonly #copying: Copying;

  /** @param copying where numbers go that are not kept as such */
  constructor(copying: Copying) {
    this.#copying = copying;
  }

  copy(array: FloatArray): FloatArray {
    return array;
  }

  take(dtype: 'float32', length: number): Float32Array;
  take(dtype: DType, length: number): FloatArray;
  take(dtype: DType, length: number): FloatArray {
    return this.#copying.take(dtype, length);
  }
}

/**
 * New zeros for state `number` of a parameter, of at most three: each a quarter of a page after the one before, the first
 * after the parameter's value. A step reads and writes all of them at once, and where they lie in their pages by chance it may
 * take half as long again.
 */
export function stateZeros(value: FloatArray, number: number, length: number): FloatArray {
  const dtype = dtypeOf(value);
  if (length * value.BYTES_PER_ELEMENT < LEAST_PAGED_BYTES) return alignedZeros(dtype, length);
  const wanted = pageOffset(value) + (number + 1) * (PAGE / 4);
  return place(dtype, length, LEAST_PAGED_BYTES, PAGE, wanted);
}

/** The same for a state that is packed in arrays of that type. */
export function packedZeros(
  Type: PackedType,
  value: FloatArray,
  number: number,
  length: number,
): PackedArray {
  const count = packedLength(Type, length);
  const bytes = count * Type.BYTES_PER_ELEMENT;
  const wanted = pageOffset(value) + (number + 1) * (PAGE / 4);
  const memory = rangeOf(place('uint8', bytes, LEAST_PAGED_BYTES, PAGE, wanted - (wanted % LINE)));
  return new Type(memory.buffer, memory.begin, count);
}

/** Bytes that begin where a page of memory does, for the disk to read them there; anywhere, where nothing native is loaded. */
export function pagedBytes(length: number): Uint8Array {
  const memory = rangeOf(place('uint8', length, 0, PAGE, 0));
  return new Uint8Array(memory.buffer, memory.begin, length);
}

/** Zeros that begin at an address which is `wanted` modulo `modulus`. */
function place(dtype: DType, length: number, least: number, modulus: number, wanted: number): FloatArray;
function place(
  dtype: TensorDType,
  length: number,
  least: number,
  modulus: number,
  wanted: number,
): ElementArray;
function place(
  dtype: TensorDType,
  length: number,
  least: number,
  modulus: number,
  wanted: number,
): ElementArray {
  const { BYTES_PER_ELEMENT: bytes } = zeros(dtype, 0);
  if (length * bytes < least) return zeros(dtype, length);
  const memory = zeros(dtype, length + modulus / bytes);
  if (length * bytes >= LEAST_LARGE_BYTES) takeLargePages(bufferOf(memory));
  const begin = ((wanted + PAGE - pageOffset(memory)) % modulus) / bytes;
  return subarray(memory, begin, begin + length);
}
