import { describe, expect, it } from 'vitest';
import { alignedCopyOf, alignedZeros, stateZeros } from '../../src/backend/memory.js';
import { diagnose, pageOffset } from '../../src/backend/select.js';
import { DTYPES } from '../../src/core/dtypes.js';

const isNative = diagnose().path !== null;

describe('memory that begins on a line of the cache', () => {
  it.each(DTYPES)('of %s is zeros of the length that was asked for', (dtype) => {
    for (const length of [0, 1, 63, 64, 127, 128, 129, 1000, 40_000]) {
      const array = alignedZeros(dtype, length);
      expect(array.length).toBe(length);
      expect(array.every((value) => value === 0)).toBe(true);
    }
  });

  it.each(DTYPES)('of %s begins on a line', (dtype) => {
    for (const length of [128, 1000, 40_000]) {
      for (let times = 0; times < 5; times++) expect(pageOffset(alignedZeros(dtype, length)) % 64).toBe(0);
    }
  });

  it.skipIf(!isNative)('of states begins a quarter of a page after the other', () => {
    for (const start of [0, 16, 100, 3000]) {
      const value = new Float32Array(20_000).subarray(start);
      const places = [0, 1, 2].map((number) => {
        const state = stateZeros(value, number, value.length);
        expect(state).toHaveLength(value.length);
        return pageOffset(state);
      });
      const distances = places.map((place) => (place + 4096 - pageOffset(value)) % 4096);
      expect(distances).toEqual([1024, 2048, 3072]);
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
