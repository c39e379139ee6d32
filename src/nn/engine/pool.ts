import type { FloatArray } from '../../core/types.js';
import { type DType, zeros } from './dtype.js';

interface Shelf {
  readonly arrays: FloatArray[];
  lastUse: number;
}

/**
 * Arrays of finished steps, waiting for the next step to ask for the same element type and length.
 *
 * What waits is bounded: where it exceeds the limit, the arrays of the size asked for least recently are left to the
 * garbage collector. So batches of ever new sizes cannot pile up arrays that nobody asks for again.
 */
export class Pool {
  // One shelf for each element type and length: see keyOf.
  readonly #shelves = new Map<number, Shelf>();
  #uses = 0;
  #idleBytes = 0;
  #allocations = 0;
  // In bytes; small networks never meet this one.
  #limit = 64 * 2 ** 20;

  /** How many arrays had to be allocated so far. It stands still while steps of the same sizes repeat. */
  get allocations(): number {
    return this.#allocations;
  }

  /** The bytes of all waiting arrays. */
  get idleBytes(): number {
    return this.#idleBytes;
  }

  /** An array with arbitrary contents. */
  take(dtype: DType, length: number): FloatArray {
    const shelf = this.#shelves.get(keyOf(dtype === 'float64', length));
    const array = shelf?.arrays.pop();
    if (shelf === undefined || array === undefined) {
      this.#allocations++;
      return zeros(dtype, length);
    }
    shelf.lastUse = ++this.#uses;
    this.#idleBytes -= array.byteLength;
    return array;
  }

  /** Hands an array over. Nobody else may hold it. */
  release(array: FloatArray): void {
    const key = keyOf(array instanceof Float64Array, array.length);
    let shelf = this.#shelves.get(key);
    if (shelf === undefined) {
      shelf = { arrays: [], lastUse: 0 };
      this.#shelves.set(key, shelf);
    }
    shelf.arrays.push(array);
    shelf.lastUse = ++this.#uses;
    this.#idleBytes += array.byteLength;
    while (this.#idleBytes > this.#limit) this.#dropOldest();
  }

  /** Raises the limit to `bytes`, so that a graph of this size finds all of its arrays again. */
  reserve(bytes: number): void {
    this.#limit = Math.max(this.#limit, bytes);
  }

  /** Leaves all waiting arrays to the garbage collector. */
  clear(): void {
    this.#shelves.clear();
    this.#idleBytes = 0;
  }

  #dropOldest(): void {
    let oldestKey = 0;
    let oldest: Shelf | undefined;
    for (const [key, shelf] of this.#shelves) {
      if (oldest === undefined || shelf.lastUse < oldest.lastUse) [oldestKey, oldest] = [key, shelf];
    }
    if (oldest === undefined) return;
    this.#shelves.delete(oldestKey);
    for (const array of oldest.arrays) this.#idleBytes -= array.byteLength;
  }
}

function keyOf(isDouble: boolean, length: number): number {
  return 2 * length + (isDouble ? 1 : 0);
}

/** The one pool of the process. */
export const pool = new Pool();
