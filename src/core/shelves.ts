interface Shelf<A> {
  readonly arrays: A[];
  lastUse: number;
}

/**
 * Arrays that wait until somebody asks for the same element type and length.
 *
 * What waits is bounded: where it exceeds the limit, the arrays of the size asked for least recently are left to the
 * garbage collector. So sizes that are ever new cannot pile up arrays that nobody asks for again.
 */
export class Shelves<
  Type extends string,
  A extends { readonly length: number; readonly byteLength: number },
> {
  /** For each element type one shelf for each length. */
  readonly #shelves = new Map<Type, Map<number, Shelf<A>>>();
  readonly #drop: (array: A) => void;
  #uses = 0;
  #idleBytes = 0;
  // In bytes; small networks never meet this one.
  #limit = 64 * 2 ** 20;

  /** @param drop is told of every array that is left to the garbage collector. */
  constructor(drop: (array: A) => void = () => {}) {
    this.#drop = drop;
  }

  /** How many arrays of each element type and length wait. */
  *counts(): Generator<[type: Type, length: number, count: number]> {
    for (const [type, shelves] of this.#shelves) {
      for (const [length, { arrays }] of shelves) yield [type, length, arrays.length];
    }
  }

  /** The bytes of all waiting arrays. */
  get idleBytes(): number {
    return this.#idleBytes;
  }

  /** An array with arbitrary contents, if one waits. */
  take(type: Type, length: number): A | undefined {
    const shelf = this.#shelves.get(type)?.get(length);
    const array = shelf?.arrays.pop();
    if (shelf === undefined || array === undefined) return undefined;
    shelf.lastUse = ++this.#uses;
    this.#idleBytes -= array.byteLength;
    return array;
  }

  /** Lets an array wait. Nobody else may hold it. */
  put(type: Type, array: A): void {
    const shelf = this.#shelfFor(type, array.length);
    shelf.arrays.push(array);
    shelf.lastUse = ++this.#uses;
    this.#idleBytes += array.byteLength;
    while (this.#idleBytes > this.#limit) this.#dropOldest();
  }

  /** Raises the limit to `bytes`. */
  reserve(bytes: number): void {
    if (bytes > this.#limit) this.#limit = bytes;
  }

  /** Leaves all waiting arrays to the garbage collector. */
  clear(): void {
    for (const shelves of this.#shelves.values()) {
      for (const { arrays } of shelves.values()) arrays.forEach(this.#drop);
    }
    this.#shelves.clear();
    this.#idleBytes = 0;
  }

  #shelfFor(type: Type, length: number): Shelf<A> {
    let shelves = this.#shelves.get(type);
    if (shelves === undefined) {
      shelves = new Map();
      this.#shelves.set(type, shelves);
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
    for (const array of oldest.shelf.arrays) {
      this.#idleBytes -= array.byteLength;
      this.#drop(array);
    }
  }
}
