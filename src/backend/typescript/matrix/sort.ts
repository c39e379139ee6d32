import type { FloatArray } from '../../../core/types.js';
import type { SortAlong } from '../../contract/arguments.js';

// The first elements along an axis in order, by their bits: a counting sort for each 8 of them, the lowest first, in passes that
// keep the order of what is equal (Knuth, The Art of Computer Programming 3, 5.2.5). The two agree exactly.
// Mirror: native/matrix/sort.h.

const DIGITS = 256;
const WORD_DIGITS = 4;

/** Up to so many that are asked for, inserting each at its place is faster than counting. */
const FEW = 64;

/** What is sorted: keys, each with the index of its element. */
interface Entries {
  readonly keys: Uint32Array;
  readonly order: Int32Array;
}

const entries = (count: number): Entries => ({ keys: new Uint32Array(count), order: new Int32Array(count) });

/** What puts lines of `count` elements in order, each in the same memory. */
class LineOrder {
  readonly #numbers: FloatArray;
  /** The bits of the numbers, in words from the lowest to the highest. */
  readonly #bits: Uint32Array;
  readonly #wordsEach: number;
  readonly #counts = new Uint32Array(WORD_DIGITS * DIGITS);
  #now: Entries;
  #next: Entries;

  constructor(like: FloatArray, count: number) {
    this.#numbers = like instanceof Float64Array ? new Float64Array(count) : new Float32Array(count);
    this.#bits = new Uint32Array(this.#numbers.buffer);
    this.#wordsEach = this.#bits.length / count;
    this.#now = entries(count);
    this.#next = entries(count);
  }

  /** The indices of the elements from `start` on, `step` apart, in order. The array is used again. */
  sort(x: FloatArray, start: number, step: number, descending: boolean): Int32Array {
    const numbers = this.#numbers;
    const { order } = this.#now;
    for (let i = 0; i < numbers.length; i++) {
      // Adding 0 makes 0 of -0.
      numbers[i] = x[start + i * step] + 0;
      order[i] = i;
    }
    for (let word = 0; word < this.#wordsEach; word++) {
      this.#takeKeys(word, descending);
      this.#countDigits();
    }
    return this.#now.order;
  }

  /** Makes of a word of each number a whole number in the same order: the sign turned, and all else where it was set. */
  #takeKeys(word: number, descending: boolean): void {
    const [numbers, bits, each] = [this.#numbers, this.#bits, this.#wordsEach];
    const { keys, order } = this.#now;
    const all = descending ? -1 : 0;
    const top = word === each - 1 ? -0x80000000 : 0;
    for (let i = 0; i < keys.length; i++) {
      const one = order[i];
      // NaN is behind all; of others those below 0 are turned wholly.
      const turned = Number.isNaN(numbers[one])
        ? -1
        : bits[each * one + word] ^ ((bits[each * one + each - 1] >> 31) | top);
      keys[i] = turned ^ all;
    }
  }

  #countDigits(): void {
    const { keys } = this.#now;
    const counts = this.#counts.fill(0);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      counts[key & 255]++;
      counts[256 + ((key >>> 8) & 255)]++;
      counts[512 + ((key >>> 16) & 255)]++;
      counts[768 + (key >>> 24)]++;
    }
    for (let digit = 0; digit < WORD_DIGITS; digit++) this.#pass(digit);
  }

  #pass(digit: number): void {
    const { keys, order } = this.#now;
    const { keys: nextKeys, order: nextOrder } = this.#next;
    const shift = 8 * digit;
    const starts = this.#counts.subarray(digit * DIGITS, (digit + 1) * DIGITS);
    if (starts[(keys[0] >>> shift) & 255] === keys.length) return;
    let start = 0;
    for (let value = 0; value < DIGITS; value++) {
      const size = starts[value];
      starts[value] = start;
      start += size;
    }
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      const to = starts[(key >>> shift) & 255]++;
      nextKeys[to] = key;
      nextOrder[to] = order[i];
    }
    [this.#now, this.#next] = [this.#next, this.#now];
  }
}

/** Whether a stands before b, NaN behind all. */
function isLess(a: number, b: number): boolean {
  return a < b || (Number.isNaN(b) && !Number.isNaN(a));
}

/** The first elements of lines, each in the same memory: those that were found are kept in order while the others pass. */
class FirstFew {
  readonly #count: number;
  readonly #numbers: Float64Array;
  readonly #order: Int32Array;

  constructor(count: number, k: number) {
    this.#count = count;
    this.#numbers = new Float64Array(k);
    this.#order = new Int32Array(k);
  }

  /** The indices of the first ones of the elements from `start` on, `step` apart. The array is used again. */
  sort(x: FloatArray, start: number, step: number, descending: boolean): Int32Array {
    const k = this.#order.length;
    for (let i = 0; i < k; i++) this.#insert(i, x[start + i * step], i, descending);
    const count = this.#count;
    let last = this.#numbers[k - 1];
    for (let i = k, at = start + k * step; i < count; i++, at += step) {
      // Most are passed here: not so NaN, which neither comparison holds for.
      if (descending) for (; i < count && x[at] <= last; i++) at += step;
      else for (; i < count && x[at] >= last; i++) at += step;
      if (i === count) break;
      const number = x[at];
      if (descending ? !isLess(last, number) : !isLess(number, last)) continue;
      this.#insert(k - 1, number, i, descending);
      last = this.#numbers[k - 1];
    }
    return this.#order;
  }

  /** Puts it among those before place `at`, behind its equals. */
  #insert(at: number, number: number, index: number, descending: boolean): void {
    const numbers = this.#numbers;
    const order = this.#order;
    let to = at;
    for (; to > 0; to--) {
      const before = numbers[to - 1];
      if (descending ? !isLess(before, number) : !isLess(number, before)) break;
      numbers[to] = before;
      order[to] = order[to - 1];
    }
    numbers[to] = number;
    order[to] = index;
  }
}

/**
 * The first `picked` elements of each line along the middle axis in order, and their places on it. Equal ones keep their order; NaN
 * is larger than all else.
 */
export const sortAlong: SortAlong = (outer, count, picked, inner, descending, x, values, places) => {
  if (outer * picked * inner === 0) return;
  const line = picked <= FEW ? new FirstFew(count, picked) : new LineOrder(x, count);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const start = o * count * inner + i;
      const order = line.sort(x, start, inner, descending !== 0);
      for (let r = 0, to = o * picked * inner + i; r < picked; r++, to += inner) {
        places[to] = order[r];
        values[to] = x[start + order[r] * inner];
      }
    }
  }
};
