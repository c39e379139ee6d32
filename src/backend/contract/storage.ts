import type { FloatArray } from '../../core/types.js';

// How states are stored in fewer bits, as native/storage.h has it. The type of its array says which way a state is packed.

/** What an optimizer may keep its states in. */
export const STATE_DTYPES = ['float32', 'bfloat16', 'int8'] as const;

export type StateDType = (typeof STATE_DTYPES)[number];

/**
 * bfloat16: the upper halves of float32 (Uint16Array). int8: a byte an element, and behind all of them the bytes of a float32 for
 * each block, its largest magnitude: of an Int8Array those of any numbers, of a Uint8Array those of means of squares.
 */
export type PackedArray = Uint16Array | Int8Array | Uint8Array;

/** What a rule takes: states may be packed, where the parameter is of float32. */
export type Operand = FloatArray | PackedArray;

/** Elements that share a scale. */
export const PACKED_BLOCK = 256;

export interface PackedType {
  readonly BYTES_PER_ELEMENT: number;
  new (memory: ArrayBufferLike, start: number, length: number): PackedArray;
}

/** The type of the array that has a state of a rule. */
export function packedTypeOf(
  { squares = [] }: { readonly operands: readonly string[]; readonly squares?: readonly string[] },
  state: string,
  dtype: Exclude<StateDType, 'float32'>,
): PackedType {
  if (dtype === 'bfloat16') return Uint16Array;
  return squares.includes(state) ? Uint8Array : Int8Array;
}

/** Elements of the array that has a state of so many. */
export function packedLength(
  { BYTES_PER_ELEMENT }: { readonly BYTES_PER_ELEMENT: number },
  length: number,
): number {
  return BYTES_PER_ELEMENT === 2 ? length : length + 4 * Math.ceil(length / PACKED_BLOCK);
}

export function isPacked(array: Operand): array is PackedArray {
  return array instanceof Uint16Array || array instanceof Int8Array || array instanceof Uint8Array;
}

/** MurmurHash3's finaliser (Austin Appleby, public domain): any bit of x changes half of the result. */
export function scramble(x: number): number {
  let h = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
