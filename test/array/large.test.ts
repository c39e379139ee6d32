import { describe, expect, it } from 'vitest';
import { argmax, argmin, currentTarget, gemm, maxPool2d, SGD, sum } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';

// Views of more than 2^31 elements: indices that fit neither 32 bits nor a signed integer of them in bytes. The memory is
// never written but for a few elements, so the system need not have it.

const LENGTH = 2 ** 31 + 9;

function allocate(): Float32Array | null {
  try {
    return new Float32Array(LENGTH);
  } catch {
    console.warn(`SKIPPED: no address space for ${LENGTH} elements`);
    return null;
  }
}

const x = currentTarget() === 'typescript' ? null : allocate();

describe.skipIf(x === null)('a view of more than 2^31 elements', () => {
  const large = x ?? new Float32Array(0);

  it('is read to its end by a product', () => {
    const [lda, m] = [2 ** 30, 3];
    large[0] = 1;
    large[lda] = 2;
    large[2 * lda] = 3;
    const c = new Float32Array(m);
    gemm({ m, n: 1, k: 1, a: large, lda, b: Float32Array.of(10), c });
    expect([...c]).toEqual([10, 20, 30]);
  });

  it('is stepped at its end', () => {
    const value = large.subarray(LENGTH - 5);
    value.fill(1);
    new SGD([{ value, grad: new Float32Array(5).fill(1) }], { lr: 0.25 }).step();
    expect([...large.subarray(LENGTH - 6)]).toEqual([0, 0.75, 0.75, 0.75, 0.75, 0.75]);
  });

  it('has no positions that an int32 holds', () => {
    const first = large.subarray(0, 2 ** 31);
    const refusal = 'the axis of x must have at most 2147483647 elements, got 2147483648';
    expect(() => argmax(first)).toThrow(refusal);
    expect(() => argmin(first)).toThrow(refusal);
    expect(() => nn.argmax(nn.tensor(first, [1, 2 ** 31]))).toThrow(
      'the axis of x must have at most 2147483647 elements, got 2147483648',
    );
    const shape = [1, 2 ** 16, 2 ** 15, 1];
    expect(() => maxPool2d(first, { shape, kernel: 1, stride: 2 ** 15 })).toThrow(
      'x must have images of at most 2147483647 pixels, got 65536 x 32768',
    );
  });

  // Reads 8 GB, most of which no memory was given for so far: `npm run check`.
  it.runIf(process.env.LOCKSTEP_TEST_LONG)(
    'is summed',
    () => {
      large.fill(0, 0, 1);
      large[2 ** 30] = 0;
      large[2 ** 31] = 7;
      large.fill(1, LENGTH - 5);
      expect(sum(large)).toBe(12);
    },
    120_000,
  );
});
