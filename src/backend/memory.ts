import { type DType, dtypeOf, type TensorDType, zeros } from '../core/dtypes.js';
import { bufferOf, isDetached, lengthOf, subarray } from '../core/float-arrays.js';
import type { ElementArray, FloatArray } from '../core/types.js';
import { pageOffset, takeLargePages } from './select.js';

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
