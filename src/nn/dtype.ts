import type { FloatArray } from '../types.js';
import { show } from '../validate.js';

/** The name of an element type. */
export type DType = 'float32' | 'float64';

const constructors = { float32: Float32Array, float64: Float64Array } as const;

export function checkDType(name: string, value: unknown): asserts value is DType {
  if (value !== 'float32' && value !== 'float64') {
    throw new TypeError(`${name} must be 'float32' or 'float64', got ${show(value)}`);
  }
}

export function isFloatArray(value: unknown): value is FloatArray {
  return value instanceof Float32Array || value instanceof Float64Array;
}

/** A new array of zeros. */
export function zeros(dtype: DType, length: number): FloatArray {
  return new constructors[dtype](length);
}

export function dtypeOf(array: FloatArray): DType {
  return array instanceof Float32Array ? 'float32' : 'float64';
}
