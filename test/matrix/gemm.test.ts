import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { kernels } from '../../src/backend/select.js';
import {
  currentTarget,
  type FloatArray,
  type GemmOptions,
  gemm,
  gemmBatched,
  targets,
  threads,
  useTarget,
  useThreads,
} from '../../src/index.js';

const initialTarget = currentTarget();
const initialThreads = threads();
afterAll(() => {
  useTarget(initialTarget);
  useThreads(initialThreads);
});

const elementTypes = [Float32Array, Float64Array];
type ArrayType = (typeof elementTypes)[number];

interface Shape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transA: boolean;
  readonly transB: boolean;
  readonly alpha: number;
  readonly beta: number;
  /** Added to the least leading dimension of A, B and C. */
  readonly padding: number;
}

/** A problem whose numbers are given by `next`, in views with an offset inside of NaN. */
function makeProblem(shape: Shape, Type: ArrayType, next: () => number) {
  const { m, n, k, transA, transB, padding } = shape;
  const matrix = (rows: number, columns: number) => {
    const stride = columns + padding;
    const whole = new Type(3 + rows * stride + 3).fill(NaN);
    const view: FloatArray = whole.subarray(3, 3 + Math.max(0, (rows - 1) * stride + columns));
    for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) view[r * stride + c] = next();
    return { whole, view, stride };
  };
  return {
    a: transA ? matrix(k, m) : matrix(m, k),
    b: transB ? matrix(n, k) : matrix(k, n),
    c: matrix(m, n),
  };
}

type Problem = ReturnType<typeof makeProblem>;

function run(shape: Shape, { a, b, c }: Problem): void {
  const { padding, ...sizes } = shape;
  gemm({ ...sizes, a: a.view, lda: a.stride, b: b.view, ldb: b.stride, c: c.view, ldc: c.stride });
}

/** The product in double, and for every element the sum of the magnitudes that went into it. */
function reference({ m, n, k, transA, transB, alpha, beta }: Shape, { a, b, c }: Problem) {
  const value = new Float64Array(m * n);
  const magnitude = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      let size = 0;
      for (let p = 0; p < k; p++) {
        const x = a.view[transA ? p * a.stride + i : i * a.stride + p];
        const y = b.view[transB ? j * b.stride + p : p * b.stride + j];
        sum += x * y;
        size += Math.abs(x * y);
      }
      const old = beta === 0 ? 0 : beta * c.view[i * c.stride + j];
      value[i * n + j] = (alpha === 0 ? 0 : alpha * sum) + old;
      magnitude[i * n + j] = Math.abs(alpha) * size + Math.abs(old);
    }
  }
  return { value, magnitude };
}

/** Integers of at most 8 in magnitude: every product and sum is exact, so any order gives the same result. */
function integers(): () => number {
  let state = 12345;
  return () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * 17) - 8;
  };
}

function fractions(): () => number {
  const next = integers();
  return () => next() / 7 + next() / 9001;
}

function checkProblem(shape: Shape, Type: ArrayType, next: () => number, tolerance: number): void {
  const problem = makeProblem(shape, Type, next);
  if (shape.beta === 0) problem.c.view.fill(NaN);
  const expected = reference(shape, problem);
  const inputs = [problem.a.whole.slice(), problem.b.whole.slice()];
  run(shape, problem);
  const { m, n } = shape;
  const { whole, view, stride } = problem.c;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const error = Math.abs(view[i * stride + j] - expected.value[i * n + j]);
      if (!(error <= tolerance * expected.magnitude[i * n + j])) {
        expect(view[i * stride + j], `C[${i}][${j}]`).toBe(expected.value[i * n + j]);
      }
    }
  }
  expect([problem.a.whole, problem.b.whole]).toEqual(inputs);
  const inside = new Set(Array.from({ length: m * n }, (_, e) => 3 + Math.floor(e / n) * stride + (e % n)));
  expect(whole.every((x, e) => inside.has(e) || Number.isNaN(x))).toBe(true);
}

const trans = [false, true];

describe.each(targets())('%s', (target) => {
  describe.each(elementTypes)('%o', (Type) => {
    test('is exact on integers, for all sizes around the tiles', () => {
      useTarget(target);
      const next = integers();
      // Around the tiles of 4, 6, 8, 12, 14 rows and of 4 to 32 columns, and around one block of 256 terms.
      for (const m of [1, 2, 5, 6, 7, 13, 14, 15, 29]) {
        for (const n of [1, 3, 8, 9, 16, 17, 31, 32, 33]) {
          for (const k of [1, 2, 17]) {
            const transA = (m + n) % 2 === 1;
            const transB = (n + k) % 2 === 1;
            checkProblem({ m, n, k, transA, transB, alpha: 1, beta: k % 2, padding: n % 3 }, Type, next, 0);
          }
        }
      }
      // More rows than a block of A has, and more columns than stay packed.
      for (const [m, n, k, transB] of [
        [200, 40, 9, false],
        [200, 40, 9, true],
        [400, 3100, 2, false],
        [3, 200, 70, true],
      ] as const) {
        checkProblem({ m, n, k, transA: false, transB, alpha: 1, beta: 0, padding: 1 }, Type, next, 0);
      }
      for (const k of [255, 256, 257, 513]) {
        checkProblem(
          { m: 7, n: 18, k, transA: false, transB: true, alpha: 2, beta: -1, padding: 1 },
          Type,
          next,
          0,
        );
      }
    });

    test('is within its bound on fractions', () => {
      useTarget(target);
      const epsilon = Type === Float32Array ? 2 ** -23 : 2 ** -52;
      const next = fractions();
      for (const transA of trans) {
        for (const transB of trans) {
          for (const [alpha, beta] of [
            [1, 0],
            [0.75, 0.5],
            [-1, 1],
          ] as const) {
            const shape = { m: 31, n: 45, k: 300, transA, transB, alpha, beta, padding: 2 };
            checkProblem(shape, Type, next, (shape.k + 2) * epsilon);
          }
        }
      }
    });

    test('follows the rules of BLAS for alpha and beta', () => {
      useTarget(target);
      const shape = { m: 3, n: 5, k: 4, transA: false, transB: false, padding: 0 };
      for (const beta of [0, 1, 0.5]) {
        // A and B are not read where alpha is 0: NaN in them does not reach C.
        const problem = makeProblem({ ...shape, alpha: 0, beta }, Type, () => 3);
        problem.a.view.fill(NaN);
        problem.b.view.fill(NaN);
        run({ ...shape, alpha: 0, beta }, problem);
        expect(Array.from(problem.c.view)).toEqual(Array(15).fill(3 * beta));
      }
      for (const alpha of [NaN, Infinity]) {
        const problem = makeProblem({ ...shape, alpha, beta: 0 }, Type, () => 1);
        run({ ...shape, alpha, beta: 0 }, problem);
        expect(Array.from(problem.c.view)).toEqual(Array(15).fill(alpha));
      }
      const nothing = makeProblem({ ...shape, k: 0, alpha: 1, beta: 2 }, Type, () => 1);
      run({ ...shape, k: 0, alpha: 1, beta: 2 }, nothing);
      expect(Array.from(nothing.c.view)).toEqual(Array(15).fill(2));
    });
  });
});

test('the same bits on every native target, for 1, 2, 3 and 7 threads', () => {
  const native = targets().filter((target) => target !== 'typescript');
  const shapes = [
    { m: 301, n: 203, k: 519 },
    { m: 64, n: 1000, k: 100 },
    { m: 1, n: 700, k: 700 },
    { m: 3500, n: 17, k: 20 },
  ];
  for (const Type of elementTypes) {
    for (const sizes of shapes) {
      const hashes = native.flatMap((target) =>
        [1, 2, 3, 7].map((count) => {
          useTarget(target);
          useThreads(count);
          const shape = { ...sizes, transA: true, transB: true, alpha: 0.7, beta: 0.3, padding: 1 };
          const problem = makeProblem(shape, Type, fractions());
          run(shape, problem);
          return createHash('sha256').update(problem.c.view).digest('hex');
        }),
      );
      expect(new Set(hashes).size, JSON.stringify(sizes)).toBe(native.length === 0 ? 0 : 1);
    }
  }
});

describe.each(targets())('%s', (target) => {
  const kernel = () => {
    useTarget(target);
    return kernels();
  };
  const passes = {
    none: () => {},
    relu: (n: number, c: FloatArray) => kernel().reluForward(n, c, c),
    tanh: (n: number, c: FloatArray) => kernel().tanhForward(n, c, c),
    sigmoid: (n: number, c: FloatArray) => kernel().sigmoidForward(n, c, c),
    silu: (n: number, c: FloatArray) => kernel().siluForward(n, c, c),
  };

  test.each(['none', 'relu', 'tanh', 'sigmoid', 'silu'] as const)(
    'a bias and %s in one pass have the bits of three passes',
    (activation) => {
      for (const Type of elementTypes) {
        for (const [m, n, k] of [
          [1, 33, 40],
          [7, 17, 3],
          [200, 21, 300],
          [45, 1, 20],
          [3, 4, 0],
        ] as const) {
          const next = fractions();
          const fill = (length: number) => new Type(length).map(() => next());
          const [a, b, bias] = [fill(m * k), fill(k * n), fill(n)];
          const [fused, apart] = [new Type(m * n), new Type(m * n)];
          useTarget(target);
          gemm({ m, n, k, a, b, c: fused, bias, activation });
          gemm({ m, n, k, a, b, c: apart });
          kernel().add(0b010_000, 1, m, n, apart, bias, apart);
          passes[activation](m * n, apart);
          expect(Buffer.from(fused.buffer).equals(Buffer.from(apart.buffer)), `${m}x${n}x${k}`).toBe(true);
        }
      }
    },
  );

  test('a batch has the bits of its products one by one, for 1 and 3 threads', () => {
    for (const Type of elementTypes) {
      for (const { m, n, k, batch, gap } of [
        { m: 3, n: 5, k: 4, batch: 7, gap: 2 },
        { m: 40, n: 33, k: 60, batch: 40, gap: 0 },
        { m: 150, n: 120, k: 70, batch: 2, gap: 1 },
        { m: 40, n: 1, k: 60, batch: 5, gap: 3 },
      ]) {
        const next = fractions();
        const fill = (length: number) => new Type(length).map(() => next());
        const [strideA, strideB, strideC] = [m * k + gap, 0, m * n + gap];
        const [a, b, c] = [fill(batch * strideA), fill(k * n), fill(batch * strideC)];
        const expected = c.slice();
        useTarget(target);
        for (let item = 0; item < batch; item++) {
          const into = expected.subarray(item * strideC);
          gemm({ m, n, k, alpha: 2, beta: 0.5, a: a.subarray(item * strideA), b, c: into });
        }
        for (const count of [1, 3]) {
          useThreads(count);
          const actual = c.slice();
          gemmBatched({ m, n, k, batch, alpha: 2, beta: 0.5, a, strideA, b, strideB, c: actual, strideC });
          expect(actual, `${batch} of ${m}x${n}x${k}, ${count} threads`).toEqual(expected);
        }
      }
    }
  });
});

test('an empty C takes no time, however many rows it has', () => {
  const empty = new Float32Array(0);
  for (const target of targets()) {
    useTarget(target);
    gemm({ m: 2 ** 40, n: 0, k: 0, a: empty, b: empty, c: empty });
    gemm({ m: 0, n: 2 ** 40, k: 0, a: empty, b: empty, c: empty });
    if (target !== 'typescript') kernels().add(0, 1, 2 ** 40, 0, empty, empty, empty);
  }
});

describe('refuses', () => {
  const good = (): GemmOptions => ({
    m: 2,
    n: 3,
    k: 4,
    a: new Float32Array(8),
    b: new Float32Array(12),
    c: new Float32Array(6).fill(5),
  });
  const shared = new Float32Array(20);
  test.each([
    [{ m: 2.5 }, RangeError, 'm must be an integer of at least 0, got 2.5'],
    [{ n: -1 }, RangeError, 'n must be an integer of at least 0, got -1'],
    [{ k: 2 ** 53 }, RangeError, 'k must be an integer of at least 0, got 9007199254740992'],
    [{ m: '2' }, TypeError, 'm must be a number, got "2"'],
    [{ transA: 1 }, TypeError, 'transA must be a boolean, got 1'],
    [{ alpha: null }, TypeError, 'alpha must be a number, got null'],
    [{ a: [1, 2] }, TypeError, 'a must be a Float32Array or a Float64Array, got [1, 2]'],
    [{ a: new Float32Array(7) }, RangeError, 'a must hold at least 8 elements, got 7'],
    [
      { b: new Float64Array(12) },
      TypeError,
      'b must be a Float32Array like the others, got Float64Array(12)',
    ],
    [{ c: new Float32Array(5) }, RangeError, 'c must hold at least 6 elements, got 5'],
    [{ lda: 3 }, RangeError, 'lda must be an integer of at least 4, got 3'],
    [{ ldc: 100 }, RangeError, 'c must hold at least 103 elements, got 6'],
    [{ m: 2 ** 52, lda: 2 ** 52 }, RangeError, 'a must hold at least'],
    [{ a: shared.subarray(0, 8), c: shared.subarray(7, 13) }, RangeError, 'c must not share memory with a'],
    [{ bias: new Float32Array(2) }, RangeError, 'bias must hold at least 3 elements, got 2'],
    [{ bias: new Float64Array(3) }, TypeError, 'bias must be a Float32Array like the others'],
    [
      { bias: shared.subarray(0, 3), c: shared.subarray(2, 8) },
      RangeError,
      'c must not share memory with bias',
    ],
    [{ activation: 'swish' }, RangeError, 'activation must be one of "none", "relu"'],
  ])('%o', (change, Type, message) => {
    for (const target of targets()) {
      useTarget(target);
      const options = { ...good(), ...change };
      const before = options.c.slice();
      const call = () => Reflect.apply(gemm, null, [options]);
      expect(call).toThrow(Type);
      expect(call).toThrow(message);
      expect(options.c).toEqual(before);
    }
  });
});

test.each([
  [{ batch: -1 }, RangeError, 'batch must be an integer of at least 0, got -1'],
  [{ strideC: 5 }, RangeError, 'strideC must be an integer of at least 6, got 5'],
  [{ strideA: 9 }, RangeError, 'a must hold at least 17 elements, got 16'],
  [{ batch: 2 ** 50 }, RangeError, 'a must hold at least'],
])('a batch refuses %o', (change, Type, message) => {
  for (const target of targets()) {
    useTarget(target);
    const [a, b, c] = [16, 24, 12].map((length) => new Float32Array(length).fill(5));
    const call = () => Reflect.apply(gemmBatched, null, [{ m: 2, n: 3, k: 4, batch: 2, a, b, c, ...change }]);
    expect(call).toThrow(Type);
    expect(call).toThrow(message);
    expect(c).toEqual(new Float32Array(12).fill(5));
  }
});

test('agrees with the reference for any sizes, on every target', () => {
  const size = fc.integer({ min: 0, max: 40 });
  const factor = fc.constantFrom(0, 1, -1, 2, 0.5);
  fc.assert(
    fc.property(
      fc.record({
        m: size,
        n: size,
        k: size,
        transA: fc.boolean(),
        transB: fc.boolean(),
        alpha: factor,
        beta: factor,
        padding: fc.integer({ min: 0, max: 5 }),
      }),
      fc.constantFrom(...elementTypes),
      fc.constantFrom(...targets()),
      (shape, Type, target) => {
        useTarget(target);
        checkProblem(shape, Type, integers(), 0);
      },
    ),
    { numRuns: 200 },
  );
});
