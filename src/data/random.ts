/** A stream of reproducible pseudo-random numbers. */
export interface RandomSource {
  /** An integer in [0, 2^32). */
  uint32(): number;
  /** A number in [0, 1), a multiple of 2^-32. */
  uniform(): number;
  /** An integer in [0, below), without bias; `below` is in [1, 2^32]. */
  integer(below: number): number;
}

/** 2^32 divided by the golden ratio. */
const GOLDEN_RATIO = 0x9e3779b9;

const rotateLeft = (x: number, k: number) => (x << k) | (x >>> (32 - k));

/** The finaliser of MurmurHash3 (Appleby): every bit of the input changes every bit of the output half of the time. */
function mix(x: number): number {
  let h = x;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), in 32-bit integers.
 *
 * Source: https://prng.di.unimi.it/xoshiro128starstar.c
 *
 * @param state four 32-bit integers, not all 0.
 * @returns the function that gives the next integer in [0, 2^32).
 */
export function xoshiro128(state: readonly [number, number, number, number]): () => number {
  let [a, b, c, d] = state;
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotateLeft(d, 11);
    return result;
  };
}

/**
 * A source of random numbers that are the same on every machine for the same seed.
 *
 * @param seed an integer of at least 0, up to 2^53 - 1.
 * @param stream which of the independent streams of this seed, an integer of at least 0. Default 0.
 */
export function createRandom(seed: number, stream = 0): RandomSource {
  // SplitMix (Steele, Lea and Flood 2014): a counter that grows by the golden ratio, mixed. The seed's high half and the
  // stream enter as further rounds, so neighbouring seeds and streams share nothing.
  let counter = mix(mix(seed >>> 0) ^ Math.floor(seed / 2 ** 32)) ^ mix(Math.imul(stream + 1, GOLDEN_RATIO));
  const next = () => {
    counter = (counter + GOLDEN_RATIO) | 0;
    return mix(counter);
  };
  const uint32 = xoshiro128([next(), next(), next(), next()]);
  return {
    uint32,
    uniform: () => uint32() * 2 ** -32,
    integer(below) {
      // Values past the last multiple of `below` would favour the small results: draw again.
      const fair = 2 ** 32 - (2 ** 32 % below);
      let value = uint32();
      while (value >= fair) value = uint32();
      return value % below;
    },
  };
}

/** Puts `items` in a random order, in place (Fisher and Yates; Durstenfeld 1964), and returns it. */
export function shuffle<Items extends Int32Array>(items: Items, random: RandomSource): Items {
  for (let last = items.length - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    const kept = items[last] ?? 0;
    items[last] = items[other] ?? 0;
    items[other] = kept;
  }
  return items;
}
