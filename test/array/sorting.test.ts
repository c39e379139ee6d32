import { describe, expect, it } from 'vitest';
import { sortLines } from '../../src/array/sorting.js';

/** The order by the rule alone: NaN above all numbers, what is equal as it stands. */
function expected(x: readonly number[], k: number, descending: boolean): number[] {
  const rank = (a: number, b: number) =>
    Number.isNaN(a) || Number.isNaN(b) ? Number(Number.isNaN(a)) - Number(Number.isNaN(b)) : a - b || 0;
  const difference = (i: number, j: number) => {
    const [a, b] = [x[i], x[j]];
    return (a === b ? 0 : descending ? rank(b, a) : rank(a, b)) || i - j;
  };
  return [...x.keys()].sort(difference).slice(0, k);
}

const special = [Number.NaN, 0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-40, -1e-40, 3, -3];

/** Many that are equal, and some of each kind. */
const mixed = (length: number) =>
  Array.from({ length }, (_, i) =>
    i % 11 === 3 ? special[(i * 5) % special.length] : ((i * 7919) % 101) - 50,
  );

const inputs: Readonly<Record<string, (length: number) => number[]>> = {
  mixed,
  'all NaN': (length) => new Array(length).fill(Number.NaN),
  rising: (length) => Array.from({ length }, (_, i) => i),
  falling: (length) => Array.from({ length }, (_, i) => -i),
};

describe.each([Float32Array, Float64Array])('sortLines of %o', (Type) => {
  // Around what is kept in order by inserting, of lines around it.
  it.each([1, 2, 5, 63, 64, 65, 130, 300])('finds the first elements of %i', (count) => {
    const line = { outer: 1, count, inner: 1 };
    for (const make of Object.values(inputs)) {
      const x = Type.from(make(count));
      for (const k of new Set([1, Math.min(5, count), Math.min(64, count), Math.min(65, count), count])) {
        for (const descending of [false, true]) {
          expect([...sortLines(line, x, k, descending)]).toEqual(expected([...x], k, descending));
        }
      }
    }
  });

  it('goes along an axis in the middle', () => {
    const line = { outer: 3, count: 70, inner: 2 };
    const x = Type.from(mixed(420));
    for (const k of [4, 70]) {
      const found = sortLines(line, x, k, true);
      for (let o = 0; o < 3; o++) {
        for (let i = 0; i < 2; i++) {
          const numbers = Array.from({ length: 70 }, (_, r) => x[(o * 70 + r) * 2 + i]);
          const indices = Array.from({ length: k }, (_, r) => found[(o * k + r) * 2 + i]);
          expect(indices).toEqual(expected(numbers, k, true));
        }
      }
    }
  });
});
