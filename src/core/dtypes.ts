import type { ElementArray, FloatArray } from './types.js';
import { show } from './validate.js';

/** The names of the element types. */
export const DTYPES = ['float32', 'float64'] as const;

export type DType = (typeof DTYPES)[number];

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

type ElementType = DType | 'int32' | 'uint8';

const ARRAYS: Readonly<Record<ElementType, ArrayConstructor<ElementArray>>> = {
  ...FLOATS,
  int32: Int32Array,
  uint8: Uint8Array,
};

/** The element type of an array: the one place that asks what an array is. Undefined where it is no array of numbers. */
export function dtypeOf(array: FloatArray): DType;
export function dtypeOf(value: unknown): DType | undefined;
export function dtypeOf(value: unknown): DType | undefined {
  // Asked for every tensor at every step: a loop over the table takes ten times as long.
  if (value instanceof Float32Array) return 'float32';
  return value instanceof Float64Array ? 'float64' : undefined;
}

export function isFloats(value: unknown): value is FloatArray {
  return dtypeOf(value) !== undefined;
}

/** Whether the value is an array of the element type of `array`. */
export function isLike(value: unknown, array: FloatArray): value is FloatArray {
  return dtypeOf(value) === dtypeOf(array);
}

export function checkDType(name: string, value: unknown): asserts value is DType {
  if (!DTYPES.some((dtype) => dtype === value)) {
    throw new TypeError(
      `${name} must be ${DTYPES.map((dtype) => `'${dtype}'`).join(' or ')}, got ${show(value)}`,
    );
  }
}

/** A new array of zeros. @throws RangeError where this machine has no array of that length. */
export function zeros(dtype: DType, length: number): FloatArray {
  try {
    return new FLOATS[dtype](length);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RangeError(
      `an array of ${show(length)} ${dtype} numbers is needed, which is more than one can hold here (${error.message})`,
    );
  }
}

function elementTypeOf(array: ElementArray): ElementType {
  if (array instanceof Int32Array) return 'int32';
  return array instanceof Uint8Array ? 'uint8' : dtypeOf(array);
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
