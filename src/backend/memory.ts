import { type DType, dtypeOf, zeros } from '../core/dtypes.js';
import { bufferOf, isDetached, lengthOf, subarray } from '../core/float-arrays.js';
import type { FloatArray } from '../core/types.js';
import { lineOffset } from './select.js';

/** Bytes of a line of the cache, and of the widest vector: kAlignment in native/parallel.h. */
const LINE = 64;

/** Smaller arrays are not worth a longer buffer. */
const LEAST_BYTES = 512;

/**
 * A new array of zeros that begins on a line of the cache, inside a buffer that is a line longer: for what the library keeps
 * and uses again. Node's own begin at any multiple of 16 bytes, where three of four vectors lie on two lines.
 */
export function alignedZeros(dtype: DType, length: number): FloatArray {
  const { BYTES_PER_ELEMENT: bytes } = zeros(dtype, 0);
  if (length * bytes < LEAST_BYTES) return zeros(dtype, length);
  const memory = zeros(dtype, length + LINE / bytes);
  const begin = lineOffset(bufferOf(memory)) / bytes;
  return subarray(memory, begin, begin + length);
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
