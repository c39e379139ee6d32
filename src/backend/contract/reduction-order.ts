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

/** partial(first .. first + count) joined in the fixed pairwise tree. */
export function joinPairs(
  first: number,
  count: number,
  operation: Join,
  partial: (index: number) => number,
): number {
  if (count === 0) return operation.neutral;
  if (count === 1) return partial(first);
  // The largest power of two below `count`: what the rounds of pairs leave on the left of the last one.
  const left = 2 ** (31 - Math.clz32(count - 1));
  return operation.join(
    joinPairs(first, left, operation, partial),
    joinPairs(first + left, count - left, operation, partial),
  );
}

/** The sum of partial(first .. first + count), in the fixed pairwise tree. */
export function sumTree(first: number, count: number, partial: (index: number) => number): number {
  return joinPairs(first, count, addition, partial);
}
