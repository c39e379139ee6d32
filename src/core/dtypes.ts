import type { ElementArray, FloatArray } from './types.js';
import { show } from './validate.js';

/** The names of the element types. */
export const DTYPES = ['float32', 'float64'] as const;

export type DType = (typeof DTYPES)[number];

/** Those of tensors: what is computed with, and indices, labels and masks. */
export const TENSOR_DTYPES = [...DTYPES, 'int32', 'uint8', 'bool'] as const;

export type TensorDType = (typeof TENSOR_DTYPES)[number];

interface ArrayConstructor<A> {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): A;
  new (memory: ArrayBufferLike, start: number, length: number): A;
}

/** What holds the elements of each type. */
const FLOATS: Readonly<Record<DType, ArrayConstructor<FloatArray>>> = {
  float32: Float32Array,
  float64: Float64Array,
};

/** Those of arrays: a mask is of uint8. */
export type ElementType = DType | 'int32' | 'uint8';

const ARRAYS: Readonly<Record<TensorDType, ArrayConstructor<ElementArray>>> = {
  ...FLOATS,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

/** The element type of an array: the one place that asks what an array is. Undefined where it is no array of numbers. */
export function dtypeOf(array: FloatArray): DType;
export function dtypeOf(value: unknown): DType | undefined;
export function dtypeOf(value: unknown): DType | undefined {
  // Asked for every tensor at every step: a loop over the table takes ten times as long.
  if (value instanceof Float32Array) return 'float32';
  return value instanceof Float64Array ? 'float64' : undefined;
}

export function isElements(value: unknown): value is ElementArray {
  return isFloats(value) || value instanceof Int32Array || value instanceof Uint8Array;
}

export function isFloats(value: unknown): value is FloatArray {
  return dtypeOf(value) !== undefined;
}

/** Whether the value is an array of the element type of `array`. */
export function isLike(value: unknown, array: FloatArray): value is FloatArray {
  return dtypeOf(value) === dtypeOf(array);
}

export function isFloatType(dtype: TensorDType): dtype is DType {
  return dtype === 'float32' || dtype === 'float64';
}

export function checkTensorDType(name: string, value: unknown): asserts value is TensorDType {
  if (!TENSOR_DTYPES.some((dtype) => dtype === value)) {
    throw new TypeError(`${name} must be one of ${TENSOR_DTYPES.join(', ')}, got ${show(value)}`);
  }
}

export function checkDType(name: string, value: unknown): asserts value is DType {
  if (!DTYPES.some((dtype) => dtype === value)) {
    throw new TypeError(
      `${name} must be ${DTYPES.map((dtype) => `'${dtype}'`).join(' or ')}, got ${show(value)}`,
    );
  }
}

/** A new array of zeros. @throws RangeError where this machine has no array of that length. */
export function zeros(dtype: 'float32', length: number): Float32Array;
export function zeros(dtype: DType, length: number): FloatArray;
export function zeros(dtype: TensorDType, length: number): ElementArray;
export function zeros(dtype: TensorDType, length: number): ElementArray {
  try {
    return new ARRAYS[dtype](length);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RangeError(
      `an array of ${show(length)} ${dtype} numbers is needed, which is more than one can hold here (${error.message})`,
    );
  }
}

/** The element type of an array that a kernel takes: 'uint8' also of one that is meant as a mask. */
export function elementTypeOf(array: ElementArray): ElementType {
  if (array instanceof Float32Array) return 'float32';
  if (array instanceof Float64Array) return 'float64';
  return array instanceof Int32Array ? 'int32' : 'uint8';
}

/** `count` elements of memory from the element `first` on, counted from `offset`, which is in bytes: as `like` has them. */
export function viewLike<A extends ElementArray>(
  like: A,
  memory: ArrayBufferLike,
  offset: number,
  first: number,
  count: number,
): A;
export function viewLike(
  like: ElementArray,
  memory: ArrayBufferLike,
  offset: number,
  first: number,
  count: number,
): ElementArray {
  const Type = ARRAYS[elementTypeOf(like)];
  return new Type(memory, offset + Type.BYTES_PER_ELEMENT * first, count);
}
