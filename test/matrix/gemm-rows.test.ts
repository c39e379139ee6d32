import { describe, expect, test } from 'vitest';
import { Generator } from '../../src/array/generator.js';
import { gemm, targets, useTarget, useThreads } from '../../src/index.js';

// A row of a product has the same bits alone and in a batch of any size, wherever it stands in it: what a network answers
// does not depend on what else it is asked.

// One row more and less than tiles of 4, 6, 8, 12 and 14 rows have, and more rows than fit into a block of A.
const batches = [2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 28, 29, 64, 65, 97, 130, 200];
// Columns below, at and above the widths of tiles; terms of one block of 256 and of several.
const shapes = [
  { n: 1, k: 300 },
  { n: 5, k: 40 },
  { n: 33, k: 257 },
  { n: 130, k: 20 },
  { n: 70, k: 520 },
];
const most = Math.max(...batches);
const layouts = [false, true].flatMap((transA) => [false, true].map((transB) => ({ transA, transB })));

function bitsOf(array: Float32Array | Float64Array): string {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('hex');
}

describe.each(targets())('%s', (target) => {
  describe.each([Float32Array, Float64Array])('%o', (Type) => {
    test.each(layouts)('a row has the bits it has alone: %o', ({ transA, transB }) => {
      useTarget(target);
      const generator = new Generator(1);
      const draw = (length: number) => new Type(length).map(() => generator.uniform() - 0.5);
      for (const { n, k } of shapes) {
        const [a, b, before, bias] = [draw(most * k), draw(k * n), draw(most * (n + 3)), draw(n)];
        const [lda, ldc] = [transA ? most : k, n + 3];
        // Nothing else, everything at once, and C without gaps: a column of C is then multiplied as a row.
        for (const options of [
          { ldc, alpha: 1, beta: 0 },
          { ldc, alpha: 0.7, beta: -0.3, bias, activation: 'tanh' },
          { ldc: n, alpha: 1, beta: 0 },
        ] as const) {
          const multiply = (first: number, rows: number) => {
            const c = before.slice(first * options.ldc, (first + rows) * options.ldc);
            const from = a.subarray(transA ? first : first * k);
            gemm({ ...options, transA, transB, m: rows, n, k, a: from, lda, b, c });
            return (row: number) => bitsOf(c.subarray(row * options.ldc, row * options.ldc + n));
          };
          useThreads(1);
          const alone = Array.from({ length: most }, (_, row) => multiply(row, 1)(0));
          for (const m of batches) {
            const first = m % 2 === 0 ? 0 : (most - m) >> 1;
            useThreads(m % 3 === 0 ? 1 : 3);
            const row = multiply(first, m);
            for (const place of new Set([0, 1, m >> 1, m - 2, m - 1])) {
              const text = `row ${place} of ${m} from ${first}: n ${n}, k ${k}, ${JSON.stringify(options)}`;
              if (row(place) !== alone[first + place]) expect.fail(text);
            }
          }
        }
      }
    });
  });
});
