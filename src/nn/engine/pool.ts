import { type DType, dtypeOf, zeros } from '../../core/dtypes.js';
import type { FloatArray } from '../../core/types.js';

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
  /** For each element type one shelf for each length. */
  readonly #shelves = new Map<DType, Map<number, Shelf>>();
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
    const shelf = this.#shelves.get(dtype)?.get(length);
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
    const shelf = this.#shelfFor(dtypeOf(array), array.length);
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

  #shelfFor(dtype: DType, length: number): Shelf {
    let shelves = this.#shelves.get(dtype);
    if (shelves === undefined) {
      shelves = new Map();
      this.#shelves.set(dtype, shelves);
    }
    let shelf = shelves.get(length);
    if (shelf === undefined) {
      shelf = { arrays: [], lastUse: 0 };
      shelves.set(length, shelf);
    }
    return shelf;
  }

  /** Called where something waits: there is a shelf. */
  #dropOldest(): void {
    const all = [...this.#shelves.values()].flatMap((shelves) =>
      Array.from(shelves, ([length, shelf]) => ({ shelves, length, shelf })),
    );
    const oldest = all.reduce((a, b) => (b.shelf.lastUse < a.shelf.lastUse ? b : a));
    oldest.shelves.delete(oldest.length);
    for (const array of oldest.shelf.arrays) this.#idleBytes -= array.byteLength;
  }
}

/** The one pool of the process. */
export const pool = new Pool();
