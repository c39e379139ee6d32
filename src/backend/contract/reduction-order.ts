// The order in which both sides add up, in double: a function of the length alone, so that every target and any number of
// threads give the same bits. 64 virtual lanes (element i goes to lane i mod 64) are folded in halves, over chunks of 4096
// elements whose sums are added in a fixed pairwise tree. native/ has the same numbers and the same tree.

export const REDUCTION_CHUNK = 4096;
export const REDUCTION_LANES = 64;

const add = (a: number, b: number) => a + b;

/** How two numbers become one, and the number that changes nothing. */
export interface Join {
  readonly neutral: number;
  join(a: number, b: number): number;
}

export const addition: Join = { neutral: 0, join: add };

/** Folds 64 lanes in halves, in place, and returns what is left: the sum. */
export function foldLanes(numbers: Float64Array, join = add): number {
  for (let half = REDUCTION_LANES / 2; half >= 1; half /= 2) {
    for (let i = 0; i < half; i++) numbers[i] = join(numbers[i], numbers[i + half]);
  }
  return numbers[0];
}

/**
 * The first `count` numbers joined in the fixed pairwise tree, in place: neighbours, then those of two, and so on; an odd one out waits
 * for the next round.
 */
export function joinPairs(numbers: Float64Array, count: number, { neutral, join }: Join): number {
  if (count === 0) return neutral;
  for (let apart = 1; apart < count; apart *= 2) {
    for (let i = 0; i + apart < count; i += 2 * apart) numbers[i] = join(numbers[i], numbers[i + apart]);
  }
  return numbers[0];
}

/** The sum of the first `count` numbers in the fixed pairwise tree, in place. */
export function sumTree(numbers: Float64Array, count = numbers.length): number {
  return joinPairs(numbers, count, addition);
}
