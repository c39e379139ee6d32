import { describe, expect, it } from 'vitest';
import type { UNARY } from '../../src/backend/contract/kernels.js';
import { kernels, targets, useTarget } from '../../src/backend/select.js';

// What every function gives for zeros, infinities and NaN, and where it overflows, underflows or saturates; the same on
// every target, in both element types unless it says float32 or float64.

const INF = Number.POSITIVE_INFINITY;
type Row = readonly [input: number, output: number, only?: 'float32' | 'float64'];
const tiny32 = 2 ** -149;
const tiny64 = Number.MIN_VALUE;

/** Odd functions that are the identity around 0. */
const identity: readonly Row[] = [
  [0, 0],
  [-0, -0],
  [tiny32, tiny32],
  [-(2 ** -130), -(2 ** -130)],
  [tiny64, tiny64, 'float64'],
  [Number.NaN, Number.NaN],
];

/** The nearest number of either type. */
const exact = (input: number, output: number): readonly Row[] => [
  [input, Math.fround(output), 'float32'],
  [input, output, 'float64'],
];

/** What rounding leaves as it is. */
const whole: readonly Row[] = [
  [0, 0],
  [-0, -0],
  [3, 3],
  [-8388609, -8388609],
  [2 ** 52 + 1, 2 ** 52 + 1, 'float64'],
  [-1e30, -1e30, 'float64'],
  [INF, INF],
  [-INF, -INF],
  [Number.NaN, Number.NaN],
];

const table: Record<keyof typeof UNARY, readonly Row[]> = {
  relu: [
    [0, 0],
    [-1, 0],
    [-INF, 0],
    [INF, INF],
    [tiny32, tiny32],
    [Number.NaN, Number.NaN],
  ],
  exp: [
    [0, 1],
    [-0, 1],
    [INF, INF],
    [-INF, 0],
    [Number.NaN, Number.NaN],
    [88.72284, INF, 'float32'],
    [-104, 0, 'float32'],
    [-103.97208, tiny32, 'float32'],
    [709.782712893384, 1.7976931348622732e308, 'float64'],
    [709.7827128933841, INF, 'float64'],
    [-745.1332191019411, tiny64, 'float64'],
    [-745.1332191019413, 0, 'float64'],
    [tiny64, 1],
  ],
  log: [
    [1, 0],
    [0, -INF],
    [-0, -INF],
    [-1, Number.NaN],
    [-tiny32, Number.NaN],
    [INF, INF],
    [-INF, Number.NaN],
    [Number.NaN, Number.NaN],
    [tiny32, Math.fround(-103.27892990343184), 'float32'],
    [tiny64, -744.4400719213812, 'float64'],
  ],
  log1p: [...identity, [-1, -INF], [-2, Number.NaN], [INF, INF], [-INF, Number.NaN]],
  expm1: [...identity, [INF, INF], [-INF, -1], [-200, -1], [89, INF, 'float32'], [710, INF, 'float64']],
  tan: [
    ...identity,
    [INF, Number.NaN],
    [-INF, Number.NaN],
    [Math.PI / 2, -22877332, 'float32'],
    [Math.PI / 2, 16331239353195370, 'float64'],
  ],
  asin: [
    ...identity,
    ...exact(1, Math.PI / 2),
    ...exact(-1, -Math.PI / 2),
    [1.5, Number.NaN],
    [-INF, Number.NaN],
  ],
  acos: [
    [1, 0],
    ...exact(0, Math.PI / 2),
    ...exact(-1, Math.PI),
    [1.5, Number.NaN],
    [INF, Number.NaN],
    [Number.NaN, Number.NaN],
  ],
  atan: [...identity, ...exact(1, Math.PI / 4), ...exact(INF, Math.PI / 2), ...exact(-INF, -Math.PI / 2)],
  sinh: [
    ...identity,
    [INF, INF],
    [-INF, -INF],
    [90, INF, 'float32'],
    [710.4758600739439, 1.7976931348621744e308, 'float64'],
    [711, INF, 'float64'],
  ],
  cosh: [
    [0, 1],
    [-0, 1],
    [INF, INF],
    [-INF, INF],
    [-90, INF, 'float32'],
    [711, INF, 'float64'],
    [Number.NaN, Number.NaN],
  ],
  asinh: [...identity, [INF, INF], [-INF, -INF], [-1e300, -691.4686750787736, 'float64']],
  acosh: [
    [1, 0],
    [0.5, Number.NaN],
    [-5, Number.NaN],
    [-INF, Number.NaN],
    [INF, INF],
    [Number.NaN, Number.NaN],
    [1e300, 691.4686750787736, 'float64'],
  ],
  atanh: [...identity, [1, INF], [-1, -INF], [2, Number.NaN], [INF, Number.NaN]],
  log2: [
    [1, 0],
    [8, 3],
    [2 ** -126, -126],
    [tiny32, -149, 'float32'],
    [tiny64, -1074, 'float64'],
    [0, -INF],
    [-1, Number.NaN],
    [INF, INF],
    [Number.NaN, Number.NaN],
  ],
  log10: [
    [1, 0],
    [1000, 3],
    [1e10, 10],
    [0, -INF],
    [-1, Number.NaN],
    [INF, INF],
    [Number.NaN, Number.NaN],
  ],
  exp2: [
    [0, 1],
    [3, 8],
    [-149, tiny32],
    [-151, 0, 'float32'],
    [128, INF, 'float32'],
    [1023, 2 ** 1023, 'float64'],
    [1024, INF, 'float64'],
    [-1074, tiny64, 'float64'],
    [-INF, 0],
    [INF, INF],
    [Number.NaN, Number.NaN],
  ],
  tanh: [...identity, [INF, 1], [-INF, -1], [20, 1], [-20, -1]],
  sigmoid: [
    [0, 0.5],
    [-0, 0.5],
    [INF, 1],
    [-INF, 0],
    [40, 1],
    [-800, 0],
    [Number.NaN, Number.NaN],
    [-103.97208, tiny32, 'float32'],
    [-745.1332191019411, tiny64, 'float64'],
  ],
  softplus: [
    [INF, INF],
    [-INF, 0],
    [100, 100],
    [-800, 0],
    [Number.NaN, Number.NaN],
    [-103.97208, tiny32, 'float32'],
  ],
  erf: [
    [0, 0],
    [-0, -0],
    [INF, 1],
    [-INF, -1],
    [6.5, 1],
    [-6.5, -1],
    [Number.NaN, Number.NaN],
  ],
  gelu: [
    [0, 0],
    [-0, -0],
    [INF, INF],
    [-INF, -0],
    [50, 50],
    [-50, -0],
    [Number.NaN, Number.NaN],
  ],
  geluTanh: [
    [0, 0],
    [-0, -0],
    [INF, INF],
    [-INF, -0],
    [50, 50],
    [-50, -0],
    [Number.NaN, Number.NaN],
  ],
  silu: [
    [0, 0],
    [-0, -0],
    [INF, INF],
    [-INF, -0],
    [1000, 1000],
    [-1000, -0],
    [Number.NaN, Number.NaN],
    [3e38, Math.fround(3e38), 'float32'],
    [-3e38, -0],
  ],
  sin: [...identity, [INF, Number.NaN], [-INF, Number.NaN]],
  cos: [
    [0, 1],
    [-0, 1],
    [tiny32, 1],
    [INF, Number.NaN],
    [-INF, Number.NaN],
    [Number.NaN, Number.NaN],
  ],
  sqrt: [
    [0, 0],
    [-0, -0],
    [INF, INF],
    [-1, Number.NaN],
    [4, 2],
    [2 ** -148, 2 ** -74],
    [Number.NaN, Number.NaN],
  ],
  rsqrt: [
    [0, INF],
    [-0, -INF],
    [INF, 0],
    [-1, Number.NaN],
    [4, 0.5],
    [Number.NaN, Number.NaN],
  ],
  reciprocal: [
    [0, INF],
    [-0, -INF],
    [INF, 0],
    [-INF, -0],
    [4, 0.25],
    [Number.NaN, Number.NaN],
  ],
  square: [
    [0, 0],
    [-0, 0],
    [-INF, INF],
    [-3, 9],
    [Number.NaN, Number.NaN],
  ],
  abs: [
    [0, 0],
    [-0, 0],
    [-INF, INF],
    [-3, 3],
    [-tiny32, tiny32],
    [Number.NaN, Number.NaN],
  ],
  neg: [
    [0, -0],
    [-0, 0],
    [-INF, INF],
    [3, -3],
    [Number.NaN, Number.NaN],
  ],
  elu: [...identity, [3, 3], [INF, INF], [-INF, -1], [-200, -1]],
  selu: [
    [0, 0],
    [-0, -0],
    [INF, INF],
    [-INF, Math.fround(-1.7580993408473768), 'float32'],
    [-INF, -1.7580993408473768, 'float64'],
    [-200, -1.7580993408473768, 'float64'],
    [3e38, Math.fround(Math.fround(3e38) * 1.0507009873554805), 'float32'],
    [3.3e38, INF, 'float32'],
    [Number.NaN, Number.NaN],
  ],
  hardswish: [
    [0, 0],
    [3, 3],
    [-3, -0],
    [-100, -0],
    [2 ** 127, 2 ** 127],
    [INF, INF],
    [-INF, Number.NaN],
    [Number.NaN, Number.NaN],
  ],
  hardsigmoid: [
    [0, 0.5],
    [-3, 0],
    [3, 1],
    [INF, 1],
    [-INF, 0],
    [Number.NaN, Number.NaN],
  ],
  mish: [
    [0, 0],
    [-0, -0],
    [30, 30],
    [INF, INF],
    [-INF, -0],
    [Number.NaN, Number.NaN],
  ],
  logsigmoid: [
    [-200, -200],
    [INF, -0],
    [-INF, -INF],
    [Number.NaN, Number.NaN],
  ],
  softsign: [...identity, [1, 0.5], [-3, -0.75], [INF, Number.NaN]],
};

/** Not of {@link UNARY}: they have no gradient. */
const steps: Record<'floor' | 'ceil' | 'round' | 'trunc' | 'sign', readonly Row[]> = {
  floor: [...whole, [0.3, 0], [-0.3, -1], [2.5, 2], [-2.5, -3], [tiny32, 0], [-tiny32, -1]],
  ceil: [...whole, [0.3, 1], [-0.3, -0], [2.5, 3], [-2.5, -2], [tiny32, 1], [-tiny32, -0]],
  round: [
    ...whole,
    [0.4, 0],
    [-0.4, -0],
    [0.5, 0],
    [-0.5, -0],
    [1.5, 2],
    [-1.5, -2],
    [2.5, 2],
    [-2.5, -2],
    [0.49999997, 0, 'float32'],
    [0.49999999999999994, 0, 'float64'],
    [8388607.5, 8388608],
    [4503599627370495.5, 4503599627370496, 'float64'],
  ],
  trunc: [...whole, [0.9, 0], [-0.9, -0], [2.5, 2], [-2.5, -2], [8388607.5, 8388607]],
  sign: [
    [0, 0],
    [-0, -0],
    [tiny32, 1],
    [-tiny32, -1],
    [INF, 1],
    [-INF, -1],
    [Number.NaN, Number.NaN],
  ],
};

const isUnary = (name: string): name is keyof typeof UNARY => name in table;
const isStep = (name: string): name is keyof typeof steps => name in steps;
const rowsByKernel = [
  ...Object.keys(table)
    .filter(isUnary)
    .map((name) => [`${name}Forward`, table[name]] as const),
  ...Object.keys(steps)
    .filter(isStep)
    .map((name) => [name, steps[name]] as const),
];

describe.each(targets())('%s', (target) => {
  it.each(rowsByKernel)('%s', (kernel, rows) => {
    useTarget(target);
    for (const Type of [Float32Array, Float64Array]) {
      const type = Type === Float32Array ? 'float32' : 'float64';
      const mine = rows.filter(([, , only = type]) => only === type);
      // Once alone, which is the lane at the end of an array, and once in a vector of its like.
      for (const copies of [1, 32]) {
        for (const [input, output] of mine) {
          const x = new Type(copies).fill(input);
          const y = new Type(copies);
          kernels()[kernel](copies, x, y);
          for (const value of y) expect(value, `${type} ${kernel}(${input})`).toBe(output);
        }
      }
    }
  });
});

describe.each(targets())('pow on %s', (target) => {
  const numbers = [
    0,
    -0,
    1,
    -1,
    0.5,
    -0.5,
    2,
    -2,
    3,
    -3,
    INF,
    -INF,
    Number.NaN,
    1e30,
    -1e30,
    2 ** 24 + 2,
    1.5,
    -2.5,
  ];
  const pairs = numbers.flatMap((a) => numbers.map((b) => [a, b]));
  // What C has other than JavaScript.
  const powC = (a: number, b: number) => (a === 1 || (a === -1 && Math.abs(b) === INF) ? 1 : a ** b);

  it('is that of C in all special cases', () => {
    useTarget(target);
    for (const Type of [Float32Array, Float64Array]) {
      const a = new Type(pairs.map(([x]) => x));
      const b = new Type(pairs.map(([, y]) => y));
      const out = new Type(pairs.length);
      kernels().pow(0, 1, 1, out.length, a, b, out);
      const expected = new Type(pairs.map((_, i) => powC(a[i], b[i])));
      out.forEach((value, i) => {
        const close =
          Math.abs(value - expected[i]) <=
          Math.abs(expected[i]) * (Type === Float32Array ? 2 ** -23 : 2 ** -51);
        if (!close) expect(value, `${Type.name} ${a[i]}^${b[i]}`).toBe(expected[i]);
        expect(Object.is(value, -0), `${a[i]}^${b[i]}`).toBe(Object.is(expected[i], -0));
      });
    }
  });
});
