import { beforeAll, describe, expect, it } from 'vitest';
import * as lockstep from '../../src/index.js';

// Against definitions written out, on every target: shapes with the axis first, in the middle, last and in several
// places.

const shapes: readonly (readonly number[])[] = [
  [1],
  [7],
  [2, 3],
  [3, 65],
  [4, 3, 2],
  [2, 5, 3, 4],
  [3, 0, 2],
];

function numbers(shape: readonly number[]): Float64Array {
  const size = shape.reduce((product, length) => product * length, 1);
  return Float64Array.from({ length: size }, (_, i) => Math.sin(i * 7.3 + 1) + 0.01);
}

/** Every choice of axes. */
function subsets(rank: number): number[][] {
  return Array.from({ length: 2 ** rank }, (_, mask) =>
    Array.from({ length: rank }, (_, axis) => axis).filter((axis) => (mask >> axis) & 1),
  );
}

/** The elements that fall on each element of the result, in order. */
function groups(x: Float64Array, shape: readonly number[], axes: readonly number[]): number[][] {
  const kept = shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  const result: number[][] = Array.from({ length: kept.reduce((a, b) => a * b, 1) }, () => []);
  x.forEach((value, i) => {
    let rest = i;
    let line = 0;
    let step = 1;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const position = rest % shape[axis];
      rest = Math.floor(rest / shape[axis]);
      line += (axes.includes(axis) ? 0 : position) * step;
      step *= kept[axis];
    }
    result[line].push(value);
  });
  return result;
}

const add = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

const definitions = {
  sum: add,
  mean: (values: number[]) => add(values) / values.length,
  prod: (values: number[]) => values.reduce((product, value) => product * value, 1),
  amax: (values: number[]) => Math.max(...values),
  amin: (values: number[]) => Math.min(...values),
};
const names = ['sum', 'mean', 'prod', 'amax', 'amin'] as const;

describe.each(lockstep.targets())('on %s', (target) => {
  beforeAll(() => lockstep.useTarget(target));

  it.each(names)('%s along any axes', (name) => {
    for (const shape of shapes) {
      const x = numbers(shape);
      if (x.length === 0 && name !== 'sum' && name !== 'prod') continue;
      for (const axes of subsets(shape.length)) {
        const expected = groups(x, shape, axes).map(definitions[name]);
        for (const given of [axes, axes.map((axis) => axis - shape.length).reverse()]) {
          const y = lockstep[name](x, { shape, axes: given });
          expect(y).toHaveLength(expected.length);
          expected.forEach((value, i) => {
            expect(y[i], `${shape} over ${axes}`).toBeCloseTo(value, 12);
          });
        }
      }
      expect(lockstep[name](x)).toBeCloseTo(definitions[name]([...x]), 12);
    }
  });

  it.each([1, 2, Number.POSITIVE_INFINITY])('norm with p = %d along any axes', (p) => {
    const define = (values: number[]) => {
      const sizes = values.map(Math.abs);
      if (p === 1) return add(sizes);
      return p === 2 ? Math.hypot(...sizes) : Math.max(...sizes);
    };
    for (const shape of shapes.filter((one) => !one.includes(0))) {
      const x = numbers(shape);
      for (const axes of subsets(shape.length)) {
        const y = lockstep.norm(x, { p, shape, axes });
        groups(x, shape, axes).forEach((values, i) => {
          expect(y[i]).toBeCloseTo(define(values), 12);
        });
      }
      expect(lockstep.norm(x, { p })).toBeCloseTo(define([...x]), 12);
    }
    expect(lockstep.norm(Float64Array.of(3, -4))).toBe(5);
  });

  it('argmax and argmin take the first, and NaN before any number', () => {
    const x = Float32Array.of(1, 3, 3, -5, -4, -9, 1, Number.NaN, 2, Number.NaN, Number.NaN, 7);
    const shape = [4, 3];
    expect([...lockstep.argmax(x, { shape })]).toEqual([1, 1, 1, 0]);
    expect([...lockstep.argmin(x, { shape })]).toEqual([0, 2, 1, 0]);
    expect([...lockstep.argmax(x, { shape, axis: 0 })]).toEqual([3, 2, 3]);
    expect([...lockstep.argmin(x, { shape, axis: 0 })]).toEqual([3, 2, 1]);
    expect(lockstep.argmax(x)).toBe(7);
    expect(lockstep.argmin(x.subarray(0, 6))).toBe(5);
    const infinite = new Float64Array(700).fill(Number.NEGATIVE_INFINITY);
    expect(lockstep.argmax(infinite)).toBe(0);
    infinite[600] = -1;
    expect(lockstep.argmax(infinite)).toBe(600);
    const long = Float32Array.from({ length: 3 * 9001 }, (_, i) => (i === 3 * 9000 + 1 ? 2 : 1));
    const out = new Int32Array(3);
    expect(lockstep.argmax(long, { shape: [9001, 3], axis: 0, out })).toBe(out);
    expect([...out]).toEqual([0, 9000, 0]);
  });

  it('NaN is the largest, the smallest, and every norm', () => {
    for (const position of [0, 1, 70, 129]) {
      const x = new Float32Array(130).fill(2);
      x[position] = Number.NaN;
      expect(lockstep.amax(x)).toBeNaN();
      expect(lockstep.amin(x)).toBeNaN();
      expect(lockstep.norm(x, { p: Number.POSITIVE_INFINITY })).toBeNaN();
      expect(lockstep.amax(x, { shape: [65, 2], axes: 0 })[position % 2]).toBeNaN();
      expect(lockstep.amax(x, { shape: [65, 2], axes: 0 })[1 - (position % 2)]).toBe(2);
    }
  });

  it('sums in double', () => {
    const x = new Float32Array(100_000).fill(0.1);
    expect(lockstep.sum(x)).toBe(Math.fround(100_000 * Math.fround(0.1)));
    expect(lockstep.sum(x, { shape: [50_000, 2], axes: 0 })[1]).toBe(Math.fround(50_000 * Math.fround(0.1)));
  });

  it('softmax and logSoftmax along any axis, of any size, in place', () => {
    for (const shape of shapes) {
      const x = numbers(shape).map((value) => value * 800);
      shape.forEach((_, axis) => {
        const y = lockstep.softmax(x, { shape, axis });
        const logs = lockstep.logSoftmax(x, { shape, axis: axis - shape.length });
        for (const line of groups(x, shape, [axis])) {
          const top = Math.max(...line);
          const total = add(line.map((value) => Math.exp(value - top)));
          for (const value of line) {
            const i = x.indexOf(value);
            expect(y[i]).toBeCloseTo(Math.exp(value - top) / total, 12);
            expect(logs[i]).toBeCloseTo(value - top - Math.log(total), 10);
          }
        }
        const copy = x.slice();
        expect(lockstep.softmax(copy, { shape, axis, out: copy })).toBe(copy);
        expect(copy).toEqual(y);
      });
    }
    const masked = Float32Array.of(Number.NEGATIVE_INFINITY, 0, -1e38, 0);
    expect([...lockstep.softmax(masked)]).toEqual([0, 0.5, 0, 0.5]);
    expect(lockstep.logSoftmax(masked)[0]).toBe(Number.NEGATIVE_INFINITY);
    expect([...lockstep.softmax(Float32Array.of(1, Number.NaN))]).toEqual([Number.NaN, Number.NaN]);
  });
});

describe('what does not fit is refused by name, and nothing is written', () => {
  const x = Float32Array.of(1, 2, 3, 4, 5, 6);
  const shape = [2, 3];
  const refused: [string, () => unknown, RegExp][] = [
    ['an array of numbers', () => Reflect.apply(lockstep.sum, null, [[1]]), /x must be a Float32Array or a/],
    [
      'another size',
      () => lockstep.sum(x, { shape: [5] }),
      /shape must hold the 6 elements of its array, got \[5\]/,
    ],
    ['half a length', () => lockstep.sum(x, { shape: [1.5, 4] }), /shape\[0\] must be an integer/],
    [
      'no such axis',
      () => lockstep.sum(x, { shape, axes: 2 }),
      /axes must be an axis of 2 from -2 to 1, got 2/,
    ],
    ['an axis twice', () => lockstep.sum(x, { shape, axes: [0, -2] }), /axes must differ, got \[0, -2\]/],
    ['another p', () => lockstep.norm(x, { p: 3 }), /p must be one of 1, 2, Infinity, got 3/],
    [
      'an unknown option',
      () => Reflect.apply(lockstep.sum, null, [x, { axis: 0 }]),
      /sum has no option "axis"; did you mean "axes"/,
    ],
    ['a short out', () => lockstep.sum(x, { out: new Float32Array(2) }), /out must have 1 elements, got 2/],
    ['out in x', () => lockstep.sum(x, { out: x.subarray(1, 2) }), /out must not share memory with x/],
    [
      'out of another type',
      () => Reflect.apply(lockstep.sum, null, [x, { out: new Float64Array(1) }]),
      /out must be a Float32Array like the others, got Float64Array\(1\)/,
    ],
    [
      'an out that overlaps',
      () => lockstep.softmax(x.subarray(1), { out: x.subarray(0, 5) }),
      /out must be x itself or share no memory with it/,
    ],
    ['the largest of none', () => lockstep.amax(new Float32Array(0)), /x must have at least one element/],
    ['a float out', () => Reflect.apply(lockstep.argmax, null, [x, { out: x }]), /out must be an Int32Array/],
    ['the softmax of a number', () => lockstep.softmax(Float32Array.of(1), { shape: [] }), /axis must be/],
  ];
  it.each(refused)('%s', (_, run, message) => {
    expect(run).toThrow(message);
    expect([...x]).toEqual([1, 2, 3, 4, 5, 6]);
  });
});
