import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kernels } from '../../src/backend/select.js';
import { gemm, targets, useTarget, useThreads } from '../../src/index.js';
import { checkProblem, elementTypes, fractions, integers, makeProblem, run } from './gemm-problem.js';

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

test('an empty C takes no time, however many rows it has', () => {
  const empty = new Float32Array(0);
  for (const target of targets()) {
    useTarget(target);
    gemm({ m: 2 ** 40, n: 0, k: 0, a: empty, b: empty, c: empty });
    gemm({ m: 0, n: 2 ** 40, k: 0, a: empty, b: empty, c: empty });
    if (target !== 'typescript') kernels().add(0, 1, 2 ** 40, 0, empty, empty, empty);
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
