// Kernels for several element types: on every target, for any number of threads, what a plain loop gives.
import { describe, expect, it } from 'vitest';
import { Generator } from '../../src/array/generator.js';
import type { Kernels } from '../../src/backend/contract/kernels.js';
import { kernels, targets, useTarget, useThreads } from '../../src/backend/select.js';
import type { ElementArray } from '../../src/core/types.js';
import { elementTypes } from './elements.js';

type Type = (typeof elementTypes)[number];
const generator = new Generator(11);

const FLOATS = [
  0,
  -0,
  1,
  -1,
  0.5,
  -2.5,
  3,
  7,
  1e30,
  -1e-30,
  2 ** -140,
  3e38,
  16_777_217,
  2 ** 31,
  2 ** 40 + 3,
];
const SPECIAL = {
  Float32Array: [...FLOATS, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  Float64Array: [
    ...FLOATS,
    5e-324,
    (2 ** 52 + 1) * 2 ** 31,
    1e300,
    -1e308,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ],
  Int32Array: [0, 1, -1, 2, -3, 7, -(2 ** 31), 2 ** 31 - 1, 65_536, 46_341],
  Uint8Array: [0, 0, 1, 1, 2, 128, 255],
};

/** Half of them special numbers, half of them any. */
function draw<T extends Type>(Type: T, length: number): InstanceType<T>;
function draw(Type: Type, length: number): ElementArray {
  const special = SPECIAL[Type.name as keyof typeof SPECIAL];
  const scale = Type === Int32Array ? 1e9 : Type === Uint8Array ? 100 : 10;
  const pool = Float64Array.from({ length: 997 }, (_, i) =>
    i % 2 === 0 ? special[generator.integer(special.length)] : scale * generator.normal(),
  );
  const first = generator.integer(997);
  const array = new Type(length);
  for (let i = 0; i < length; i++) array[i] = pool[(first + i) % 997];
  return array;
}

/** The same value, in place and out of it: NaN is NaN, and -0 is not 0. */
function expectSame(actual: ElementArray, wanted: (i: number) => number, what: string): void {
  const rounded = actual.slice(0, 1);
  for (let i = 0; i < actual.length; i++) {
    rounded[0] = wanted(i);
    if (!Object.is(actual[i], rounded[0])) expect(actual[i], `${what}: [${i}]`).toBe(rounded[0]);
  }
}

type Sizes = readonly [outer: number, rows: number, columns: number];
const blocks: readonly Sizes[] = [
  [1, 1, 1],
  [2, 3, 5],
  [3, 17, 16],
  [5, 2, 65],
  [1, 130, 1],
  [1, 1, 4099],
  [2, 4, 530],
  [1, 2, 33_001],
];
const layouts = [0o000, 0o004, 0o040, 0o007, 0o070, 0o077, 0o421, 0o052, 0o300, 0o777];

/** Where operand k has the element of result i. */
function placeIn(layout: number, k: number, [, rows, columns]: Sizes, i: number): number {
  const [o, r, c] = [Math.floor(i / (rows * columns)), Math.floor(i / columns) % rows, i % columns];
  const isRepeated = (d: number) => ((layout >> (3 * k + d)) & 1) !== 0;
  const width = isRepeated(2) ? 1 : columns;
  return (
    (isRepeated(0) ? 0 : o) * (isRepeated(1) ? 1 : rows) * width +
    (isRepeated(1) ? 0 : r) * width +
    (isRepeated(2) ? 0 : c)
  );
}
const lengthOf = (layout: number, k: number, sizes: Sizes) =>
  sizes.reduce((length, size, d) => ((layout >> (3 * k + d)) & 1 ? length : length * size), 1);

function forLayouts(
  operands: number,
  take: (layout: number, sizes: Sizes, size: number, what: string) => void,
): void {
  for (const sizes of blocks) {
    // All of them where that is quick.
    const some = sizes[2] > 4096 ? layouts.slice(0, 4) : layouts;
    for (const layout of new Set(some.map((bits) => bits % 8 ** operands))) {
      useThreads(1 + generator.integer(3));
      take(layout, sizes, sizes[0] * sizes[1] * sizes[2], `${layout.toString(8)} of ${sizes}`);
    }
  }
}

const COMPARISONS: Record<string, (x: number, y: number) => boolean> = {
  equal: (x, y) => x === y,
  notEqual: (x, y) => x !== y,
  less: (x, y) => x < y,
  lessEqual: (x, y) => x <= y,
  greater: (x, y) => x > y,
  greaterEqual: (x, y) => x >= y,
};

const LOGICAL: Record<string, (x: boolean, y: boolean) => boolean> = {
  logicalAnd: (x, y) => x && y,
  logicalOr: (x, y) => x || y,
  logicalXor: (x, y) => x !== y,
};

type Whole = (x: bigint, y: bigint) => bigint;
const floorQuotient: Whole = (x, y) => (y === 0n ? 0n : (x - floorRest(x, y)) / y);
const floorRest: Whole = (x, y) => (y === 0n ? 0n : ((x % y) + y) % y);
/** On numbers, whose results are rounded by `round`, and on whole ones. */
const NUMBERS: Record<
  string,
  readonly [(x: number, y: number, round: (z: number) => number) => number, Whole]
> = {
  add: [(x, y) => x + y, (x, y) => x + y],
  sub: [(x, y) => x - y, (x, y) => x - y],
  mul: [(x, y) => x * y, (x, y) => x * y],
  maximum: [(x, y) => (x > y || Number.isNaN(x) ? x : y), (x, y) => (x > y ? x : y)],
  minimum: [(x, y) => (x < y || Number.isNaN(x) ? x : y), (x, y) => (x < y ? x : y)],
  squaredDifference: [(x, y, round) => round(x - y) ** 2, (x, y) => (x - y) ** 2n],
  floorDiv: [(x, y, round) => Math.floor(round(x / y)), floorQuotient],
  floorMod: [
    (x, y) => {
      const rest = x % y;
      return rest === 0 || Math.sign(rest) === Math.sign(y) ? rest : rest + y;
    },
    floorRest,
  ],
};
const wrapped = (x: bigint) => Number(BigInt.asIntN(32, x));

/** A kernel by its name, with whatever arrays: what it takes is the table's business. */
const call = (name: string, ...args: unknown[]) =>
  Reflect.apply(kernels()[name as keyof Kernels], null, args);

describe.each(targets())('%s', (target) => {
  it.each(Object.entries(COMPARISONS))('%s', (name, holds) => {
    useTarget(target);
    for (const Type of elementTypes) {
      forLayouts(2, (layout, sizes, size, what) => {
        const [a, b] = [0, 1].map((k) => draw(Type, lengthOf(layout, k, sizes)));
        const out = new Uint8Array(size).fill(9);
        call(name, layout, ...sizes, a, b, out);
        const x = (i: number) => a[placeIn(layout, 0, sizes, i)];
        const y = (i: number) => b[placeIn(layout, 1, sizes, i)];
        expectSame(out, (i) => Number(holds(x(i), y(i))), `${Type.name}, ${what}`);
      });
    }
  });

  it.each(Object.entries(LOGICAL))('%s', (name, holds) => {
    useTarget(target);
    forLayouts(2, (layout, sizes, size, what) => {
      const [a, b] = [0, 1].map((k) => draw(Uint8Array, lengthOf(layout, k, sizes)));
      const out = new Uint8Array(size).fill(9);
      call(name, layout, ...sizes, a, b, out);
      const [x, y] = [a, b].map((array, k) => (i: number) => array[placeIn(layout, k, sizes, i)] !== 0);
      expectSame(out, (i) => Number(holds(x(i), y(i))), what);
    });
  });

  it('select', () => {
    useTarget(target);
    for (const Type of elementTypes) {
      forLayouts(3, (layout, sizes, size, what) => {
        const condition = draw(Uint8Array, lengthOf(layout, 0, sizes));
        const [a, b] = [1, 2].map((k) => draw(Type, lengthOf(layout, k, sizes)));
        const wanted = Array.from({ length: size }, (_, i) =>
          condition[placeIn(layout, 0, sizes, i)] !== 0
            ? a[placeIn(layout, 1, sizes, i)]
            : b[placeIn(layout, 2, sizes, i)],
        );
        // In place where b may be: it then has as many elements.
        const out = b.length === size ? b : new Type(size);
        call('select', layout, ...sizes, condition, a, b, out);
        expectSame(out, (i) => wanted[i], `${Type.name}, ${what}`);
      });
    }
  });

  it.each(Object.entries(NUMBERS))('%s', (name, [f, whole]) => {
    useTarget(target);
    for (const Type of [Float32Array, Float64Array, Int32Array]) {
      const round = Type === Float32Array ? Math.fround : (z: number) => z;
      const g = (x: number, y: number) =>
        Type === Int32Array ? wrapped(whole(BigInt(x), BigInt(y))) : f(x, y, round);
      forLayouts(2, (layout, sizes, size, what) => {
        const [a, b] = [0, 1].map((k) => draw(Type, lengthOf(layout, k, sizes)));
        const wanted = Float64Array.from({ length: size }, (_, i) =>
          g(a[placeIn(layout, 0, sizes, i)], b[placeIn(layout, 1, sizes, i)]),
        );
        const out = a.length === size && layout % 8 === 0 ? a : new Type(size);
        call(name, layout, ...sizes, a, b, out);
        expectSame(out, (i) => wanted[i], `${Type.name}, ${what}`);
      });
    }
  });

  it('squareForward, absForward and negForward of whole numbers, and logicalNot', () => {
    useTarget(target);
    for (const n of [1, 7, 64, 4099, 70_001]) {
      const x = draw(Int32Array, n);
      const whole = {
        squareForward: (z: bigint) => z * z,
        absForward: (z: bigint) => (z < 0n ? -z : z),
        negForward: (z: bigint) => -z,
      };
      for (const [name, f] of Object.entries(whole)) {
        const y = new Int32Array(n);
        call(name, n, x, y);
        expectSame(y, (i) => wrapped(f(BigInt(x[i]))), name);
      }
      const mask = draw(Uint8Array, n);
      const not = new Uint8Array(n);
      call('logicalNot', n, mask, not);
      expectSame(not, (i) => Number(mask[i] === 0), 'logicalNot');
    }
  });

  it('cast', () => {
    useTarget(target);
    for (const From of elementTypes) {
      for (const To of elementTypes) {
        for (const n of [0, 1, 9, 255, 4099, 70_001]) {
          useThreads(1 + generator.integer(3));
          const [x, out] = [draw(From, n), new To(n)];
          call('cast', n, x, out);
          const f = (z: number) => (To === Uint8Array ? Number(z !== 0) : To === Int32Array ? z | 0 : z);
          expectSame(out, (i) => f(x[i]), `${From.name} to ${To.name}`);
        }
      }
    }
  });

  it('oneHot', () => {
    useTarget(target);
    for (const Type of elementTypes) {
      for (const [n, depth] of [
        [0, 3],
        [3, 0],
        [1, 1],
        [5, 7],
        [300, 130],
        [2, 40_000],
      ]) {
        for (const [on, off] of [
          [1, 0],
          [-2.5, 3.7],
          [2 ** 33 + 5, Number.NaN],
        ]) {
          const indices = Int32Array.from({ length: n }, (_, i) =>
            i % 7 === 3 ? -1 - i : generator.integer(depth + 2),
          );
          const out = new Type(n * depth).fill(9);
          call('oneHot', n, depth, on, off, indices, out);
          const f = (z: number) => (Type === Uint8Array ? Number(z !== 0) : z);
          expectSame(
            out,
            (i) => f(indices[Math.floor(i / depth)] === i % depth ? on : off),
            `${Type.name} ${n} ${depth}`,
          );
        }
      }
    }
  });

  const axes: readonly Sizes[] = [
    [1, 0, 1],
    [2, 0, 3],
    [1, 1, 1],
    [3, 5, 7],
    [70, 300, 1],
    [1, 70_001, 1],
    [2, 130, 65],
    [3, 40, 1100],
  ];

  it('any and all', () => {
    useTarget(target);
    for (const [outer, count, inner] of axes) {
      for (const value of [0, 1, 200]) {
        useThreads(1 + generator.integer(3));
        const x = new Uint8Array(outer * count * inner).fill(value);
        // One element that is not as the others, in half of the lines.
        for (let line = 0; line < outer * inner && count > 0; line += 2) {
          const r = generator.integer(count);
          x[(Math.floor(line / inner) * count + r) * inner + (line % inner)] =
            value === 0 ? 1 + generator.integer(255) : 0;
        }
        const elements = (line: number) =>
          Array.from(
            { length: count },
            (_, r) => x[(Math.floor(line / inner) * count + r) * inner + (line % inner)] !== 0,
          );
        const out = new Uint8Array(outer * inner).fill(9);
        call('any', outer, count, inner, x, out);
        expectSame(out, (line) => Number(elements(line).includes(true)), `any of ${outer} ${count} ${inner}`);
        call('all', outer, count, inner, x, out);
        expectSame(
          out,
          (line) => Number(!elements(line).includes(false)),
          `all of ${outer} ${count} ${inner}`,
        );
      }
    }
  });

  it('reductions and positions of whole numbers', () => {
    useTarget(target);
    const joins: Record<string, readonly [bigint, Whole]> = {
      sum: [0n, (x, y) => x + y],
      prod: [1n, (x, y) => x * y],
      amax: [-(2n ** 31n), (x, y) => (x > y ? x : y)],
      amin: [2n ** 31n - 1n, (x, y) => (x < y ? x : y)],
    };
    for (const [outer, count, inner] of axes) {
      useThreads(1 + generator.integer(3));
      const x = draw(Int32Array, outer * count * inner);
      const lines = Array.from({ length: outer * inner }, (_, line) =>
        Array.from(
          { length: count },
          (_, r) => x[(Math.floor(line / inner) * count + r) * inner + (line % inner)],
        ),
      );
      const out = new Int32Array(outer * inner).fill(9);
      for (const [name, [neutral, join]] of Object.entries(joins)) {
        const results = lines.map((line) =>
          line.reduce((result, z) => wrapped(join(BigInt(result), BigInt(z))), Number(neutral)),
        );
        for (const alpha of [1, -0.3, 1e6]) {
          call(name, outer, count, inner, alpha, x, out);
          expectSame(out, (line) => (alpha * results[line]) | 0, `${name} of ${outer} ${count} ${inner}`);
        }
      }
      if (count === 0) continue;
      call('argmax', outer, count, inner, x, out);
      expectSame(out, (line) => lines[line].indexOf(lines[line].reduce((a, b) => Math.max(a, b))), 'argmax');
      call('argmin', outer, count, inner, x, out);
      expectSame(out, (line) => lines[line].indexOf(lines[line].reduce((a, b) => Math.min(a, b))), 'argmin');
    }
  });

  it('gatherRows and permute of whole numbers and bytes', () => {
    useTarget(target);
    for (const Type of [Int32Array, Uint8Array] as const) {
      const source = draw(Type, 50 * 37);
      const indices = Int32Array.from({ length: 900 }, () => generator.integer(50));
      const out = new Type(900 * 37);
      call('gatherRows', 900, 37, 50, source, indices, out);
      expectSame(out, (i) => source[indices[Math.floor(i / 37)] * 37 + (i % 37)], Type.name);
      const sizes = [3, 17, 40, 33] as const;
      const x = draw(Type, 3 * 17 * 40 * 33);
      const y = new Type(x.length);
      // 0, 3, 1, 2 and 0, 2, 1, 3: the last dimension moves, and stays.
      call('permute', 4, ...sizes, x, y);
      const at = (i0: number, i1: number, i2: number, i3: number) => x[((i0 * 17 + i1) * 40 + i2) * 33 + i3];
      expectSame(
        y,
        (i) =>
          at(Math.floor(i / (33 * 17 * 40)), Math.floor(i / 40) % 17, i % 40, Math.floor(i / (17 * 40)) % 33),
        Type.name,
      );
      call('permute', 2, ...sizes, x, y);
      expectSame(
        y,
        (i) =>
          at(Math.floor(i / (40 * 17 * 33)), Math.floor(i / 33) % 17, Math.floor(i / (17 * 33)) % 40, i % 33),
        Type.name,
      );
    }
  });
});

it.each(targets().filter((target) => target !== 'typescript'))(
  '%s refuses arrays of other types',
  (target) => {
    useTarget(target);
    const [floats, whole, bytes] = [new Float32Array(4), new Int32Array(4), new Uint8Array(4)];
    expect(() => call('add', 0, 1, 1, 4, floats, whole, floats)).toThrow('add: b must be a Float32Array');
    expect(() => call('add', 0, 1, 1, 4, floats, floats, whole)).toThrow('add: a must be a Int32Array');
    expect(() => call('add', 0, 1, 1, 4, bytes, bytes, bytes)).toThrow('add: a must be a Float32Array');
    expect(() => call('div', 0, 1, 1, 4, whole, whole, whole)).toThrow('div: a must be a Float32Array');
    expect(() => call('equal', 0, 1, 1, 4, whole, whole, whole)).toThrow('equal: out must be a Uint8Array');
    expect(() => call('equal', 0, 1, 1, 4, whole, floats, bytes)).toThrow('equal: a must be a Float32Array');
    expect(() => call('logicalAnd', 0, 1, 1, 4, floats, floats, floats)).toThrow(
      'logicalAnd: out must be a Uint8Array',
    );
    expect(() => call('select', 0, 1, 1, 4, whole, floats, floats, floats)).toThrow(
      'condition must be a Uint8Array',
    );
    expect(() => call('cast', 4, new Float32Array(3), floats)).toThrow(
      'x must hold at least 4 elements, got 3',
    );
    expect(() => call('cast', 4, new Int16Array(4), floats)).toThrow(
      'cast: x must be a Float32Array, Float64Array',
    );
    expect(() => call('cast', 4, floats, floats)).toThrow('overlaps');
    expect(() => call('oneHot', 4, 1, 1, 0, floats, floats)).toThrow('oneHot: indices must be a Int32Array');
  },
);
