// Philox4x32-10, Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011,
// https://doi.org/10.1145/2063384.2063405, table 2 and section 4.3: ten rounds of multiplications and exclusive ors
// turn a counter and a key into 128 random bits. Integers only, so the same on every machine.
// Mirror: native/matrix/philox.h.

const ROUNDS = 10;
const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
// The golden ratio and sqrt(3) - 1 as fractions of 2^32.
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;

/** The upper 32 bits of the 64-bit product of two unsigned 32-bit integers: doubles hold 32 by 16 bits exactly. */
function multiplyHigh(a: number, b: number): number {
  return Math.floor((a * (b >>> 16) + Math.floor((a * (b & 0xffff)) / 0x10000)) / 0x10000);
}

/** Writes the four 32-bit words that belong to the 128-bit `counter` (lowest word first) and the 64-bit key into `words`. */
export function philox4x32(
  counter: readonly [number, number, number, number],
  keyLow: number,
  keyHigh: number,
  words: Uint32Array,
): void {
  let [c0, c1, c2, c3] = counter;
  let k0 = keyLow;
  let k1 = keyHigh;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

/** The 32-bit words of a seed, in order. */
export class Words {
  readonly seed: number;
  #position: number;
  readonly #words = new Uint32Array(4);

  /** @param position how many words to skip. */
  constructor(seed: number, position: number) {
    this.seed = seed;
    this.#position = position;
    if (position % 4 !== 0) this.#fill();
  }

  /** How many words came before the next one. */
  get position(): number {
    return this.#position;
  }

  next(): number {
    const index = this.#position % 4;
    if (index === 0) this.#fill();
    this.#position++;
    return this.#words[index];
  }

  #fill(): void {
    const block = Math.floor(this.#position / 4);
    const high = (x: number) => Math.floor(x / 2 ** 32);
    philox4x32([block >>> 0, high(block), 0, 0], this.seed >>> 0, high(this.seed), this.#words);
  }
}
