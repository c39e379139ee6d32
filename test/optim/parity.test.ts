import { describe, expect, test } from 'vitest';
import { type FloatArray, targets, useTarget, useThreads } from '../../src/index.js';
import { bits, elementTypes, label, randomNumbers, table } from './table.js';

// Every optimizer gives the same bits on every target and in TypeScript, for any number of threads.

// Every length around the vectors of all targets, and one that ends inside a second reduction chunk.
const lengths = [...Array(34).keys(), 63, 64, 65, 4099];
const special = [0, -0, 1e-45, -1e-310, 1e38, -1e308, Infinity, -Infinity, NaN];
const GUARD = 7;

/** A view with an odd offset in the middle of NaN, and a check that the NaN around it is still there. */
function guarded(ArrayType: typeof Float32Array | typeof Float64Array, length: number) {
  const whole = new ArrayType(length + 2 * GUARD).fill(NaN);
  return {
    view: whole.subarray(GUARD, GUARD + length) as FloatArray,
    intact: () => whole.subarray(0, GUARD).every(Number.isNaN) && whole.subarray(-GUARD).every(Number.isNaN),
  };
}

function run(
  target: string,
  row: (typeof table)[number],
  options: object,
  ArrayType: typeof Float32Array | typeof Float64Array,
  sizes: readonly number[],
  gradientOf: (random: () => number, i: number) => number,
): string[] {
  useTarget(target);
  const random = randomNumbers(42);
  const arrays = sizes.map((length) => ({
    value: guarded(ArrayType, length),
    grad: guarded(ArrayType, length),
  }));
  for (const { value } of arrays) for (let i = 0; i < value.view.length; i++) value.view[i] = random();
  const params = arrays.map(({ value, grad }) => ({ value: value.view, grad: grad.view }));
  const optimizer = row.create(params, options);
  for (let step = 0; step < 5; step++) {
    for (const { grad } of params) for (let i = 0; i < grad.length; i++) grad[i] = gradientOf(random, i);
    optimizer.step();
  }
  expect(arrays.every(({ value, grad }) => value.intact() && grad.intact())).toBe(true);
  const states = Object.values(optimizer.stateDict().parameters).flatMap(({ arrays }) =>
    Object.values(arrays),
  );
  return [...params.map(({ value }) => value), ...states].map(bits);
}

describe.each(table)('$name', (row) => {
  describe.each(row.options.map((options) => ({ options, shown: label(options) })))(
    '$shown',
    ({ options }) => {
      test.each(elementTypes)('%o', (ArrayType) => {
        const ordinary = (random: () => number) => random();
        const extreme = (random: () => number, i: number) =>
          i % 3 === 0 ? special[(i / 3) % special.length] : random();
        const expected = run('typescript', row, options, ArrayType, lengths, ordinary);
        const expectedExtreme = run('typescript', row, options, ArrayType, [65], extreme);
        for (const target of targets()) {
          expect(run(target, row, options, ArrayType, lengths, ordinary), target).toEqual(expected);
          expect(run(target, row, options, ArrayType, [65], extreme), target).toEqual(expectedExtreme);
        }
      });
    },
  );

  test('the same bits for 1, 2, 3 and 7 threads, over several chunks a tensor', () => {
    const sizes = [100_003, 1, 40_000, 0, 65_536, ...Array(20).fill(3000), 0];
    const [target] = targets();
    const options = row.options[row.options.length - 1];
    // A step has a quarter of a million numbers: these few go round, from another place each time.
    const random = randomNumbers(5);
    const few = Float64Array.from({ length: 4099 }, random);
    const result = (count: number) => {
      let next = 0;
      useThreads(count);
      return run(target, row, options, Float32Array, sizes, () => few[next++ % few.length]);
    };
    const expected = result(1);
    for (const count of [2, 3, 7]) expect(result(count), `${count} threads`).toEqual(expected);
  });
});
