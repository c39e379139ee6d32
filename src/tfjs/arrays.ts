import type { DataType } from '@tensorflow/tfjs-core';
import { Shelves } from '../core/shelves.js';

/** What holds the elements of a tensor of numbers: float32, int32 and bool. */
export type NumberArray = Float32Array | Int32Array | Uint8Array;

/** The element types of tensors that hold numbers. */
export type NumberType = 'float32' | 'int32' | 'bool';

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

interface ArrayOf {
  readonly float32: Float32Array;
  readonly int32: Int32Array;
  readonly bool: Uint8Array;
}

/** The array of an element type. */
export type ArrayFor<T extends NumberType> = ArrayOf[T];

export function isNumberType(dtype: DataType): dtype is NumberType {
  return dtype in ARRAYS;
}

/** Whether an array is the one that holds elements of this type. */
export function holds<T extends NumberType>(dtype: T, values: unknown): values is ArrayFor<T> {
  return values instanceof ARRAYS[dtype];
}

/** A new array of these numbers. */
export function arrayOf<T extends NumberType>(dtype: T, numbers: readonly number[]): ArrayFor<T>;
export function arrayOf(dtype: NumberType, numbers: readonly number[]): NumberArray {
  return ARRAYS[dtype].from(numbers);
}

/**
 * The arrays of results: a step of training takes those that the step before has left, instead of feeding the garbage
 * collector.
 *
 * An array comes back only while nobody else can see its memory: {@link keep} tells of those that were handed out, or that
 * another tensor lies over.
 */
export class Arrays {
  readonly #waiting = new Shelves<NumberType, NumberArray>();
  /** The memory that nobody else can see. */
  readonly #own = new WeakSet<ArrayBufferLike>();
  /** What waits may be as much as was ever in use at once: then the next step finds everything again. */
  #busyBytes = 0;

  /** The bytes that wait for the next use. */
  get idleBytes(): number {
    return this.#waiting.idleBytes;
  }

  /** An array with arbitrary contents. */
  take<T extends NumberType>(dtype: T, length: number): ArrayFor<T>;
  take(dtype: NumberType, length: number): NumberArray {
    let array = this.#waiting.take(dtype, length);
    if (array === undefined) {
      array = new ARRAYS[dtype](length);
      this.#own.add(array.buffer);
    }
    this.#busyBytes += array.byteLength;
    this.#waiting.reserve(this.#busyBytes);
    return array;
  }

  /** Takes back an array of {@link take} that is no longer needed; any other is left to the garbage collector. */
  release(dtype: NumberType, array: NumberArray): void {
    if (!this.#own.has(array.buffer)) return;
    this.#busyBytes -= array.byteLength;
    this.#waiting.put(dtype, array);
  }

  /** Whether it is known that nobody else sees the memory of this array. */
  isOwn(array: NumberArray): boolean {
    return this.#own.has(array.buffer);
  }

  /** Someone else sees this memory from now on: it never comes back. */
  keep(values: unknown): void {
    if (!ArrayBuffer.isView(values)) return;
    const { buffer } = values;
    if (this.#own.delete(buffer)) this.#busyBytes -= buffer.byteLength;
  }

  /** Leaves all that waits to the garbage collector. */
  clear(): void {
    this.#waiting.clear();
  }
}
