import { isFloats as isFloatArray, zeros } from '../memory.js';
import type { FloatArray } from '../types.js';
import { show } from '../validate.js';

export { isFloatArray, zeros };

/** The name of an element type. */
export type DType = 'float32' | 'float64';

export function checkDType(name: string, value: unknown): asserts value is DType {
  if (value !== 'float32' && value !== 'float64') {
    throw new TypeError(`${name} must be 'float32' or 'float64', got ${show(value)}`);
  }
}

export function dtypeOf(array: FloatArray): DType {
  return array instanceof Float32Array ? 'float32' : 'float64';
}
