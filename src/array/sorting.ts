import type { Line } from '../core/axes.js';
import type { FloatArray } from '../core/types.js';

// Orders of elements, by their bits: a counting sort for each 8 of them, the lowest first, in passes that keep the order of what
// is equal (Knuth, The Art of Computer Programming 3, 5.2.5).

const DIGITS = 256;

/** Up to so many elements inserting each at its place is faster than counting. */
const FEW = 48;

/** What puts lines of `count` elements in order, each in the same memory. */
class LineOrder {
  readonly #words: Uint32Array;
  readonly #numbers: FloatArray;
  readonly #count: number;
  readonly #perNumber: number;
  #order: Int32Array;
  #next: Int32Array;

  constructor(like: FloatArray, count: number) {
    this.#count = count;
    this.#numbers = like instanceof Float64Array ? new Float64Array(count) : new Float32Array(count);
    this.#words = new Uint32Array(this.#numbers.buffer);
    this.#perNumber = this.#words.length / count;
    this.#order = new Int32Array(count);
    this.#next = new Int32Array(count);
  }

  /** The indices of the elements from `start` on, `step` apart, in order. The array is used again. */
  sort(x: FloatArray, start: number, step: number, descending: boolean): Int32Array {
    for (let i = 0; i < this.#count; i++) {
      // Adding 0 makes 0 of -0.
      this.#numbers[i] = x[start + i * step] + 0;
      this.#order[i] = i;
    }
    if (this.#count <= FEW) this.#insert(descending);
    else this.#countDigits(descending);
    return this.#order;
  }

  #insert(descending: boolean): void {
    const numbers = this.#numbers;
    const order = this.#order;
    for (let i = 1; i < this.#count; i++) {
      const one = order[i];
      let at = i;
      for (; at > 0; at--) {
        const before = numbers[order[at - 1]];
        const isBefore = descending ? isLess(before, numbers[one]) : isLess(numbers[one], before);
        if (!isBefore) break;
        order[at] = order[at - 1];
      }
      order[at] = one;
    }
  }

  /** Makes of the bits of each number a whole number in the same order: the sign turned, and all else where it was set. */
  #toWords(descending: boolean): void {
    const words = this.#words;
    const per = this.#perNumber;
    const all = descending ? 0xffffffff : 0;
    for (let i = 0; i < this.#count; i++) {
      const high = per * i + per - 1;
      const isNone = Number.isNaN(this.#numbers[i]);
      const sign = words[high] >>> 31;
      for (let w = per * i; w <= high; w++) {
        const turned = isNone ? 0xffffffff : sign ? ~words[w] : w === high ? words[w] ^ 0x80000000 : words[w];
        words[w] = turned ^ all;
      }
    }
  }

  #countDigits(descending: boolean): void {
    this.#toWords(descending);
    const starts = new Uint32Array(DIGITS);
    for (let digit = 0; digit < 4 * this.#perNumber; digit++) {
      this.#pass(digit >> 2, 8 * (digit & 3), starts.fill(0));
    }
  }

  #pass(word: number, shift: number, starts: Uint32Array): void {
    const words = this.#words;
    const per = this.#perNumber;
    const [order, next] = [this.#order, this.#next];
    for (let i = 0; i < this.#count; i++) starts[(words[per * i + word] >>> shift) & 255]++;
    if (starts.includes(this.#count)) return;
    let start = 0;
    for (let digit = 0; digit < DIGITS; digit++) {
      const size = starts[digit];
      starts[digit] = start;
      start += size;
    }
    for (let i = 0; i < this.#count; i++) {
      const one = order[i];
      next[starts[(words[per * one + word] >>> shift) & 255]++] = one;
    }
    [this.#order, this.#next] = [next, order];
  }
}

/** Whether a stands before b, NaN behind all. */
function isLess(a: number, b: number): boolean {
  return a < b || (Number.isNaN(b) && !Number.isNaN(a));
}

/**
 * The indices of the first `k` elements, in order, of each line along the middle axis of x [outer, count, inner]: [outer, k,
 * inner]. Equal elements keep their order; NaN is larger than all else.
 */
export function sortLines(
  { outer, count, inner }: Line,
  x: FloatArray,
  k: number,
  descending: boolean,
): Int32Array {
  const indices = new Int32Array(outer * k * inner);
  const line = new LineOrder(x, count);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const order = line.sort(x, o * count * inner + i, inner, descending);
      for (let r = 0; r < k; r++) indices[(o * k + r) * inner + i] = order[r];
    }
  }
  return indices;
}
