import { fromBFloat16, fromFloat16, toBFloat16, toFloat16 } from '../array/half.js';
import type { FloatArray } from '../core/types.js';
import { show } from '../core/validate.js';
import { DataError } from './errors.js';

/** The arrays that hold the elements of files. */
export type StoredElements =
  | FloatArray
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** Those that a loader takes: float64 stays float64, all others become float32. */
export type Numbers = FloatArray | Int32Array | Uint8Array;

/** An array with the lengths of its dimensions, row-major. */
export interface ArrayOfShape<A = StoredElements> {
  readonly value: A;
  readonly shape: readonly number[];
  /**
   * What the elements are, where the array does not tell: 'bool' in a Uint8Array, 'float16' or 'bfloat16' in a Uint16Array, or,
   * to be written, in a Float32Array, which is then converted. Default: what the array is for.
   */
  readonly dtype?: string | undefined;
}

/** See {@link readNpy}. */
export interface ReadNpyOptions {
  /** Numbers of 16 bits: as 'float32', the default, or 'raw', their bits in a Uint16Array. */
  readonly half?: 'float32' | 'raw';
}

/** The halves, whose arrays hold bits. */
const HALVES = {
  float16: { widen: fromFloat16, narrow: toFloat16 },
  bfloat16: { widen: fromBFloat16, narrow: toBFloat16 },
};

/**
 * The element types of files, little-endian as all machines are that Node runs on but one (s390x), where files are refused. Of those
 * with the same array the first is what the array is for.
 */
const ELEMENT_TYPES = [
  { dtype: 'float32', array: Float32Array, npy: '<f4', safetensors: 'F32' },
  { dtype: 'float64', array: Float64Array, npy: '<f8', safetensors: 'F64' },
  { dtype: 'int8', array: Int8Array, npy: '|i1', safetensors: 'I8' },
  { dtype: 'uint8', array: Uint8Array, npy: '|u1', safetensors: 'U8' },
  { dtype: 'bool', array: Uint8Array, npy: '|b1', safetensors: 'BOOL' },
  { dtype: 'int16', array: Int16Array, npy: '<i2', safetensors: 'I16' },
  { dtype: 'uint16', array: Uint16Array, npy: '<u2', safetensors: 'U16' },
  { dtype: 'float16', array: Uint16Array, npy: '<f2', safetensors: 'F16' },
  { dtype: 'bfloat16', array: Uint16Array, npy: undefined, safetensors: 'BF16' },
  { dtype: 'int32', array: Int32Array, npy: '<i4', safetensors: 'I32' },
  { dtype: 'uint32', array: Uint32Array, npy: '<u4', safetensors: 'U32' },
  { dtype: 'int64', array: BigInt64Array, npy: '<i8', safetensors: 'I64' },
  { dtype: 'uint64', array: BigUint64Array, npy: '<u8', safetensors: 'U64' },
] as const;

export type ElementType = (typeof ELEMENT_TYPES)[number];

/** The names that a format has for its element types. */
export function namesIn(format: 'npy' | 'safetensors'): string[] {
  return ELEMENT_TYPES.flatMap((type) => type[format] ?? []);
}

/** Bytes, as files of other formats have them. */
export const UINT8 = ELEMENT_TYPES[3];

/** The element type of this name in a format. */
export function typeNamed(format: 'npy' | 'safetensors', name: unknown): ElementType | undefined {
  return name === undefined ? undefined : ELEMENT_TYPES.find((type) => type[format] === name);
}

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

export function checkByteOrder(name: string): void {
  if (!LITTLE_ENDIAN) throw new DataError(`${name}: this machine is big-endian, which is not supported`);
}

/** An array that is to be written: its element type, and the elements as the file has them. @throws TypeError */
export function elementsOf(
  name: string,
  { value, dtype }: { readonly value: unknown; readonly dtype?: unknown },
): { type: ElementType; value: StoredElements } {
  const own = ELEMENT_TYPES.find(({ array }) => value instanceof array);
  if (!isStored(value) || own === undefined) {
    throw new TypeError(`${name}.value must be a typed array of numbers, got ${show(value)}`);
  }
  if (dtype === undefined) return { type: own, value };
  const type = ELEMENT_TYPES.find((known) => known.dtype === dtype);
  if (type === undefined) {
    const names = ELEMENT_TYPES.map((known) => known.dtype).join(', ');
    throw new TypeError(`${name}.dtype must be one of ${names}, got ${show(dtype)}`);
  }
  if (isHalf(type.dtype) && value instanceof Float32Array) {
    return { type, value: HALVES[type.dtype].narrow(value) };
  }
  if (!(value instanceof type.array)) {
    throw new TypeError(`${name}.value must be a ${type.array.name} for ${type.dtype}, got ${show(value)}`);
  }
  const isMask = type.dtype === 'bool' && value instanceof Uint8Array;
  return { type, value: isMask ? value.map((one) => Number(one !== 0)) : value };
}

function isHalf(dtype: ElementType['dtype']): dtype is keyof typeof HALVES {
  return dtype in HALVES;
}

export function isStored(value: unknown): value is StoredElements {
  return ELEMENT_TYPES.some(({ array }) => value instanceof array);
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

/** The elements in these bytes, as a copy that is aligned and nobody else's; and their type, where the array does not tell. */
export function elementsFrom(
  { dtype, array: Type }: ElementType,
  bytes: Uint8Array,
  half: ReadNpyOptions['half'],
): Pick<ArrayOfShape, 'value' | 'dtype'> {
  // Memory of their own is what empty ones take longest for.
  const value = bytes.length === 0 ? new Type(0) : new Type(new Uint8Array(bytes).buffer);
  if (half !== 'raw' && isHalf(dtype)) return { value: widened(dtype, value) };
  return isHalf(dtype) || dtype === 'bool' ? { value, dtype } : { value };
}

function widened(dtype: ElementType['dtype'], value: StoredElements): StoredElements {
  return isHalf(dtype) && value instanceof Uint16Array ? HALVES[dtype].widen(value) : value;
}

/**
 * The elements as a loader takes them; halves as float32.
 * @throws DataError where they are whole numbers of other types.
 */
export function numbersOf(name: string, { dtype }: ElementType, stored: StoredElements): Numbers {
  const value = widened(dtype, stored);
  if (value instanceof Float32Array || value instanceof Float64Array) return value;
  if (value instanceof Int32Array || value instanceof Uint8Array) return value;
  throw new DataError(
    `${name}: rows are read of floats, int32, uint8 and bool, got ${dtype}: save array.astype('<i4') instead`,
  );
}

/**
 * Whole numbers of 64 or 32 bits as an Int32Array, a copy: indices and labels as functions take them.
 * @throws RangeError naming the first element that is not within 32 bits, TypeError where x is no such array.
 */
export function toInt32(x: BigInt64Array | BigUint64Array | Uint32Array): Int32Array {
  if (!(x instanceof BigInt64Array || x instanceof BigUint64Array || x instanceof Uint32Array)) {
    throw new TypeError(`x must be a BigInt64Array, a BigUint64Array or a Uint32Array, got ${show(x)}`);
  }
  const out = new Int32Array(x.length);
  for (let i = 0; i < out.length; i++) {
    const value = x[i];
    const number = Number(value);
    if (number !== (number | 0)) throw new RangeError(`x[${i}] must be from -2^31 to 2^31 - 1, got ${value}`);
    out[i] = number;
  }
  return out;
}

export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
