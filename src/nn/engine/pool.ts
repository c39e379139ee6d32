import { alignedZeros } from '../../backend/memory.js';
import { type DType, dtypeOf } from '../../core/dtypes.js';
import { Shelves } from '../../core/shelves.js';
import type { FloatArray } from '../../core/types.js';

/** Arrays of finished steps, waiting for the next step to ask for the same element type and length. */
export class Pool {
  readonly #waiting = new Shelves<DType, FloatArray>();
  #allocations = 0;

  /** How many arrays had to be allocated so far. It stands still while steps of the same sizes repeat. */
  get allocations(): number {
    return this.#allocations;
  }

  /** The bytes of all waiting arrays. */
  get idleBytes(): number {
    return this.#waiting.idleBytes;
  }

  /** An array with arbitrary contents. */
  take(dtype: DType, length: number): FloatArray {
    const array = this.#waiting.take(dtype, length);
    if (array !== undefined) return array;
    this.#allocations++;
    return alignedZeros(dtype, length);
  }

  /** Hands an array over. Nobody else may hold it. */
  release(array: FloatArray): void {
    this.#waiting.put(dtypeOf(array), array);
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

/** The one pool of the process. */
export const pool = new Pool();
