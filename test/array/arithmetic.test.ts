import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FloatArray } from '../../src/core/types.js';
import * as lockstep from '../../src/index.js';

// Against the definition, index by index: any rank, any lengths of 1 repeated.

const { targets, useTarget } = lockstep;
const fastest = targets()[0] ?? 'typescript';

const operations = {
  add: (x: number, y: number) => x + y,
  sub: (x: number, y: number) => x - y,
  mul: (x: number, y: number) => x * y,
  div: (x: number, y: number) => x / y,
  maximum: Math.max,
  minimum: Math.min,
  eq: (x: number, y: number) => Number(x === y),
  ne: (x: number, y: number) => Number(x !== y),
  lt: (x: number, y: number) => Number(x < y),
  le: (x: number, y: number) => Number(x <= y),
  gt: (x: number, y: number) => Number(x > y),
  ge: (x: number, y: number) => Number(x >= y),
} as const;
type Name = keyof typeof operations;
const names: Name[] = ['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'eq', 'ne', 'lt', 'le', 'gt', 'ge'];

const sizeOf = (shape: readonly number[]) => shape.reduce((size, length) => size * length, 1);

/** What an operand of this shape has at element i of a result. */
function elementAt(
  array: FloatArray,
  shape: readonly number[],
  result: readonly number[],
  i: number,
): number {
  let rest = i;
  let at = 0;
  let step = 1;
  for (let d = 1; d <= result.length; d++) {
    const length = result.at(-d) ?? 1;
    const own = shape.at(-d) ?? 1;
    if (own !== 1) at += step * (rest % length);
    step *= own;
    rest = Math.floor(rest / length);
  }
  return array[at];
}

/** A result's shape, and for each of `count` operands the dimensions it is repeated along, and how many it leaves out. */
const shapes = (count: number) =>
  fc
    .array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(2 ** count - 1)), { maxLength: 7 })
    .chain((dimensions) =>
      fc.tuple(
        fc.constant(dimensions.map(([length]) => length)),
        fc.tuple(
          ...Array.from({ length: count }, (_, k) =>
            fc.nat(dimensions.length).map((dropped) =>
              dimensions
                .map(([length, repeated]) => ((repeated >> k) & 1 ? 1 : length))
                // What is left out must be repeated.
                .slice(
                  dimensions.slice(0, dropped).every(([, repeated]) => (repeated >> k) & 1) ? dropped : 0,
                ),
            ),
          ),
        ),
      ),
    )
    .map(([, operands]) => operands);

const values = [
  0,
  -0,
  1,
  -1,
  2.5,
  1e30,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0.1,
  3,
];
const arrayOf = (
  Type: Float32ArrayConstructor | Float64ArrayConstructor,
  shape: readonly number[],
  seed: number,
) => new Type(Array.from({ length: sizeOf(shape) }, (_, i) => values[(i * 7 + seed * 3) % values.length]));

function resultOf(operands: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...operands.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, d) =>
    Math.max(...operands.map((shape) => shape.at(d - rank) ?? 1)),
  );
}

describe.each([...new Set([fastest, 'typescript'])])('on %s', (target) => {
  it.each(names)('%s is its definition for any shapes', (name) => {
    useTarget(target);
    const property = fc.property(shapes(2), fc.boolean(), ([aShape, bShape], double) => {
      const Type = double ? Float64Array : Float32Array;
      const [a, b] = [arrayOf(Type, aShape, 1), arrayOf(Type, bShape, 2)];
      const result = resultOf([aShape, bShape]);
      const expected = new Type(
        Array.from({ length: sizeOf(result) }, (_, i) =>
          operations[name](elementAt(a, aShape, result, i), elementAt(b, bShape, result, i)),
        ),
      );
      expect([...lockstep[name](a, b, { shapes: [aShape, bShape] })].map(withoutZeroSign)).toEqual(
        [...expected].map(withoutZeroSign),
      );
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('pow is near its definition, and repeats operands', () => {
    useTarget(target);
    const [a, b] = [Float64Array.of(0.5, 2, -3), Float64Array.of(3, -0.25)];
    const expected = [0.125, 8, -27, 0.5 ** -0.25, 2 ** -0.25, Number.NaN];
    const powers = lockstep.pow(a, b, {
      shapes: [
        [1, 3],
        [2, 1],
      ],
    });
    expected.forEach((value, i) => {
      expect(powers[i] / value - 1 || 0, String(i)).toBeCloseTo(0, 14);
      expect(Number.isNaN(powers[i])).toBe(Number.isNaN(value));
    });
    expect(Array.from(lockstep.pow(a, 2))).toEqual([0.25, 4, 9]);
  });

  it('where is its definition for any shapes', () => {
    useTarget(target);
    const property = fc.property(shapes(3), (operands) => {
      const arrays = operands.map((shape, k) => arrayOf(Float64Array, shape, k));
      const result = resultOf(operands);
      const at = (k: number, i: number) => elementAt(arrays[k], operands[k], result, i);
      const expected = Array.from({ length: sizeOf(result) }, (_, i) =>
        at(0, i) !== 0 ? at(1, i) : at(2, i),
      );
      const [c, x, y] = operands;
      expect([...lockstep.where(arrays[0], arrays[1], arrays[2], { shapes: [c, x, y] })]).toEqual(expected);
    });
    fc.assert(property, { numRuns: 100 });
  });

  it('take numbers on either side, and write to an input', () => {
    useTarget(target);
    const x = Float32Array.of(1, -2, 3);
    expect([...lockstep.sub(x, 1)]).toEqual([0, -3, 2]);
    expect([...lockstep.sub(1, x)]).toEqual([0, 3, -2]);
    expect([...lockstep.div(6, x)]).toEqual([6, -3, 2]);
    expect([...lockstep.where(x, x, 0.5)]).toEqual([1, -2, 3]);
    expect(lockstep.mul(x, x, { out: x })).toBe(x);
    expect([...x]).toEqual([1, 4, 9]);
    expect([...lockstep.add(x, Float32Array.of(1), { shapes: [[3], []], out: x })]).toEqual([2, 5, 10]);
    expect(lockstep.add(x, new Float32Array(0), { shapes: [[3, 1], [0]] })).toEqual(new Float32Array(0));
    expect(lockstep.add(new Float64Array(2), 1)).toEqual(Float64Array.of(1, 1));
  });

  it('clamp as PyTorch', () => {
    useTarget(target);
    const x = Float32Array.of(-2, -0, 0.5, 7, Number.NaN);
    expect([...lockstep.clamp(x, { min: -1, max: 2 })]).toEqual([-1, -0, 0.5, 2, Number.NaN]);
    expect([...lockstep.clamp(x, { min: 3, max: 2 })]).toEqual([2, 2, 2, 2, Number.NaN]);
    expect([...lockstep.clamp(x, { max: 0.25 })]).toEqual([-2, -0, 0.25, 0.25, Number.NaN]);
    expect(lockstep.clamp(x, { min: 0, out: x })).toBe(x);
    expect([...x]).toEqual([0, -0, 0.5, 7, Number.NaN]);
  });
});

function withoutZeroSign(x: number): number {
  return x === 0 ? 0 : x;
}

describe('refuse', () => {
  const six = new Float32Array(6);
  const detached = new Float32Array(3);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  it.each<[string, RegExp, ...unknown[]]>([
    ['no array', /^TypeError: a must be a Float32Array or a Float64Array, got \[1\]/, [1], six],
    [
      'integers',
      /^TypeError: b must be a Float32Array or a Float64Array, got Int32Array\(6\)/,
      six,
      new Int32Array(6),
    ],
    ['numbers alone', /^TypeError: one of a, b must be an array, got numbers/, 1, 2],
    [
      'two types',
      /^TypeError: b must be a Float32Array like the others, got Float64Array\(6\)/,
      six,
      new Float64Array(6),
    ],
    ['a detached array', /^TypeError: a must not be detached/, detached, 1],
    [
      'other lengths',
      /^RangeError: shapes must be equal but for lengths of 1 .*got a \[6\], b \[3\]/,
      six,
      new Float32Array(3),
    ],
    [
      'a shape of another size',
      /^RangeError: shapes\[0\] must hold the 6 elements/,
      six,
      six,
      { shapes: [[5], [6]] },
    ],
    [
      'a length that is none',
      /^RangeError: shapes\[1\]\[0\] must be an integer/,
      six,
      six,
      { shapes: [[6], [0.5]] },
    ],
    [
      'one shape',
      /^TypeError: shapes must be \[shape of a, shape of b\], got \[\[6\]\]/,
      six,
      six,
      { shapes: [[6]] },
    ],
    ['an unknown option', /^TypeError: add has no option "shape"/, six, six, { shape: [6] }],
    [
      'out of another length',
      /^RangeError: out must have 6 elements, got 5/,
      six,
      six,
      { out: new Float32Array(5) },
    ],
    ['out of another type', /^TypeError: out must be a Float32Array/, six, six, { out: new Float64Array(6) }],
  ])('%s', (_, message, a, b, options = {}) => {
    expect(caught(() => Reflect.apply(lockstep.add, null, [a, b, options]))).toMatch(message);
  });

  it('out that overlaps an input in part, or one that is repeated', () => {
    const memory = new Float32Array(9).fill(5);
    const x = memory.subarray(0, 6);
    const out = memory.subarray(3, 9);
    const message = /^RangeError: out must be b itself or share no memory with it/;
    expect(caught(() => lockstep.add(six, x, { out }))).toMatch(message);
    const row = { shapes: [[2, 3], [3]], out: x } as const;
    expect(caught(() => lockstep.add(six, x.subarray(0, 3), row))).toMatch(message);
    expect([...memory]).toEqual(new Array(9).fill(5));
  });

  it('bounds that are none', () => {
    expect(caught(() => lockstep.clamp(six, { min: Number.NaN }))).toMatch(
      /^RangeError: min must not be NaN/,
    );
    expect(caught(() => Reflect.apply(lockstep.clamp, null, [six, { max: '1' }]))).toMatch(
      /^TypeError: max must be/,
    );
  });
});

function caught(run: () => unknown): string {
  try {
    run();
    return 'nothing';
  } catch (error) {
    return String(error);
  }
}
