import { alignedZeros } from '../../backend/memory.js';
import { type DType, type ElementType, elementTypeOf, type TensorDType } from '../../core/dtypes.js';
import { Shelves } from '../../core/shelves.js';
import type { ElementArray, FloatArray } from '../../core/types.js';

interface Size {
  readonly dtype: ElementType;
  readonly length: number;
  readonly bytes: number;
  /** How many of the pool's arrays have it, whether they wait or not. */
  count: number;
}

/** Arrays of finished steps, waiting for the next step to ask for the same element type and length. */
export class Pool {
  readonly #waiting = new Shelves<ElementType, ElementArray>((array) => this.give(array));
  readonly #sizes = new Map<string, Size>();
  // Of arrays that nobody gave back.
  readonly #collected = new FinalizationRegistry<Size>((size) => this.#subtract(size));
  #allocations = 0;
  /** The bytes of all arrays of the pool, and the most of them that did not wait. */
  #bytes = 0;
  #peakBytes = 0;

  /** How many arrays had to be allocated so far. It stands still while steps of the same sizes repeat. */
  get allocations(): number {
    return this.#allocations;
  }

  /** The bytes of all waiting arrays. */
  get idleBytes(): number {
    return this.#waiting.idleBytes;
  }

  /** The bytes of those that were taken, and neither came back nor were given away. */
  get usedBytes(): number {
    return this.#bytes - this.#waiting.idleBytes;
  }

  /** The most that `usedBytes` was since the last {@link resetPeak}. */
  get peakBytes(): number {
    return this.#peakBytes;
  }

  resetPeak(): void {
    this.#peakBytes = this.usedBytes;
  }

  /** How many arrays of each size were taken, and how many wait. */
  counts(): { dtype: ElementType; length: number; bytes: number; used: number; idle: number }[] {
    const waiting = new Map(
      [...this.#waiting.counts()].map(([dtype, length, n]) => [keyOf(dtype, length), n]),
    );
    return [...this.#sizes].map(([key, { dtype, length, bytes, count }]) => {
      const idle = waiting.get(key) ?? 0;
      return { dtype, length, bytes, used: count - idle, idle };
    });
  }

  /** An array with arbitrary contents. */
  take(dtype: DType, length: number): FloatArray;
  take(dtype: 'int32', length: number): Int32Array;
  take(dtype: 'uint8', length: number): Uint8Array;
  take(dtype: TensorDType, length: number): ElementArray;
  take(asked: TensorDType, length: number): ElementArray {
    const dtype = asked === 'bool' ? 'uint8' : asked;
    const array = this.#waiting.take(dtype, length) ?? this.#allocate(dtype, length);
    const used = this.#bytes - this.#waiting.idleBytes;
    if (used > this.#peakBytes) this.#peakBytes = used;
    return array;
  }

  #allocate(dtype: ElementType, length: number): ElementArray {
    this.#allocations++;
    const array = alignedZeros(dtype, length);
    const key = keyOf(dtype, length);
    const size = this.#sizes.get(key) ?? { dtype, length, bytes: array.byteLength, count: 0 };
    this.#sizes.set(key, size);
    size.count++;
    this.#bytes += size.bytes;
    this.#collected.register(array, size, array);
    return array;
  }

  /** Hands an array over. Nobody else may hold it. */
  release(array: ElementArray): void {
    this.#waiting.put(elementTypeOf(array), array);
  }

  /** Counts an array no more, which was taken and is somebody else's from now on. */
  give(array: ElementArray): void {
    const size = this.#sizes.get(keyOf(elementTypeOf(array), array.length));
    if (this.#collected.unregister(array) && size !== undefined) this.#subtract(size);
  }

  #subtract(size: Size): void {
    size.count--;
    this.#bytes -= size.bytes;
    if (size.count === 0) this.#sizes.delete(keyOf(size.dtype, size.length));
  }

  /** Raises the limit to `bytes`, so that a graph of this size finds all of its arrays again. */
  reserve(bytes: number): void {
    this.#waiting.reserve(bytes);
  }

  /** Leaves all waiting arrays to the garbage collector. */
  clear(): void {
    this.#waiting.clear();
  }
}

function keyOf(dtype: ElementType, length: number): string {
  return `${dtype} ${length}`;
}

/** The one pool of the process. */
export const pool = new Pool();
