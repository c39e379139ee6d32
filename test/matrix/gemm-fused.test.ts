import { describe, expect, test } from 'vitest';
import { kernels } from '../../src/backend/select.js';
import { type FloatArray, gemm, gemmBatched, targets, useTarget, useThreads } from '../../src/index.js';
import { elementTypes, fractions } from './gemm-problem.js';

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
          const isSame = Buffer.from(actual.buffer).equals(Buffer.from(expected.buffer));
          expect(isSame, `${batch} of ${m}x${n}x${k}, ${count} threads`).toBe(true);
        }
      }
    }
  });
});
