import { describe, expect, it } from 'vitest';
import { alignedCopyOf, alignedZeros } from '../../src/backend/memory.js';
import { lineOffset } from '../../src/backend/select.js';
import { DTYPES } from '../../src/core/dtypes.js';

describe('memory that begins on a line of the cache', () => {
  it.each(DTYPES)('of %s is zeros of the length that was asked for', (dtype) => {
    for (const length of [0, 1, 63, 64, 127, 128, 129, 1000, 40_000]) {
      const array = alignedZeros(dtype, length);
      expect(array.length).toBe(length);
      expect(array.every((value) => value === 0)).toBe(true);
    }
  });

  it.each(DTYPES)('of %s begins where the first line does', (dtype) => {
    for (const length of [128, 1000, 40_000]) {
      const array = alignedZeros(dtype, length);
      expect(array.byteOffset).toBe(lineOffset(array.buffer));
    }
  });

  it('is not longer than it must be where it is small', () => {
    expect(alignedZeros('float32', 127).buffer.byteLength).toBe(4 * 127);
  });

  it('holds what is copied, and nothing of a detached array', () => {
    const array = Float64Array.from({ length: 200 }, (_, i) => i);
    expect(alignedCopyOf(array)).toEqual(array);
    structuredClone(array, { transfer: [array.buffer] });
    expect(alignedCopyOf(array)).toHaveLength(0);
  });
});
