import { beforeAll, describe, expect, it } from 'vitest';
import { kernels, targets, useTarget } from '../../src/backend/select.js';
import type { FloatArray } from '../../src/core/types.js';

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

/** The places of the first elements of each line; the values are those of x there, bit for bit. */
function places(
  [outer, count, inner]: readonly [number, number, number],
  x: FloatArray,
  k: number,
  descending: boolean,
): Int32Array {
  const found = new Int32Array(outer * k * inner);
  const values = x.slice(0, found.length);
  kernels().sortAlong(outer, count, k, inner, Number(descending), x, values, found);
  for (const [i, value] of values.entries()) {
    const start = Math.floor(i / (k * inner)) * count * inner + (i % inner);
    const there = x[start + found[i] * inner];
    if (!Object.is(value, there)) throw new Error(`value ${i} is ${value}, but at its place ${there} is`);
  }
  return found;
}

describe.each(
  targets().flatMap((target) =>
    [Float32Array, Float64Array].map((Type) => [target, Type.name, Type] as const),
  ),
)('%s: sortAlong of %s', (target, _, Type) => {
  beforeAll(() => void useTarget(target));

  // Around what is kept in order by inserting, lines around it, and around what is compared with each other.
  it.each([1, 2, 5, 31, 33, 63, 64, 65, 127, 129, 256, 257, 300])(
    'finds the first elements of %i',
    (count) => {
      for (const make of Object.values(inputs)) {
        const x = Type.from(make(count));
        const order = [false, true].map((descending) => expected([...x], count, descending));
        for (const k of new Set([1, 5, 64, 65, count])) {
          if (k > count) continue;
          for (const descending of [false, true]) {
            expect([...places([1, count, 1], x, k, descending)]).toEqual(
              order[Number(descending)].slice(0, k),
            );
          }
        }
      }
    },
  );

  it.each([40, 300])('takes a NaN with a sign for one, among %i', (count) => {
    const x = Type.from(mixed(count));
    // The byte with the sign, of every second NaN.
    const bytes = new Uint8Array(x.buffer);
    const signed = [...x.keys()].filter((i) => Number.isNaN(x[i])).filter((_, n) => n % 2 === 0);
    for (const i of signed) bytes[(i + 1) * Type.BYTES_PER_ELEMENT - 1] |= 0x80;
    expect(signed.length).toBeGreaterThan(0);
    for (const k of [3, count]) {
      for (const descending of [false, true]) {
        expect([...places([1, count, 1], x, k, descending)]).toEqual(expected([...x], k, descending));
      }
    }
  });

  it.each([70, 300])('goes along an axis in the middle, of %i', (count) => {
    const x = Type.from(mixed(6 * count));
    for (const k of [4, count]) {
      const found = places([3, count, 2], x, k, true);
      for (let o = 0; o < 3; o++) {
        for (let i = 0; i < 2; i++) {
          const numbers = Array.from({ length: count }, (_, r) => x[(o * count + r) * 2 + i]);
          const indices = Array.from({ length: k }, (_, r) => found[(o * k + r) * 2 + i]);
          expect(indices).toEqual(expected(numbers, k, true));
        }
      }
    }
  });
});
