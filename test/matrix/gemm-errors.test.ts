import { describe, expect, test } from 'vitest';
import { type GemmOptions, gemm, gemmBatched, targets, useTarget } from '../../src/index.js';

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
