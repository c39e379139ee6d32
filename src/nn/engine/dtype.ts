import { isFloats as isFloatArray, zeros } from '../../core/float-arrays.js';
import type { FloatArray } from '../../core/types.js';
import { show } from '../../core/validate.js';

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
