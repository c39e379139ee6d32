import { describe, expect, test } from 'vitest';
import { clipGradNorm, SGD, targets, totalNorm, useTarget } from '../../src/index.js';
import { randomArray } from './params.js';
import { bits, elementTypes, randomNumbers } from './table.js';

describe('clipGradNorm', () => {
  test.each(elementTypes)(
    'returns the norm and scales to the limit, the same on every target, %o',
    (ArrayType) => {
      const results = targets().map((target) => {
        useTarget(target);
        const random = randomNumbers(5);
        const params = [100_003, 0, 17].map((length) => ({
          value: new ArrayType(length),
          grad: randomArray(ArrayType, length, random),
        }));
        const exact = Math.sqrt(
          params.flatMap(({ grad }) => Array.from(grad, (g) => g * g)).reduce((s, x) => s + x, 0),
        );
        const norm = clipGradNorm([...params, { value: new ArrayType(3), grad: null }], 0.5);
        expect(Math.abs(norm / exact - 1)).toBeLessThan(1e-12);
        const after = Math.sqrt(
          params.flatMap(({ grad }) => Array.from(grad, (g) => g * g)).reduce((s, x) => s + x, 0),
        );
        expect(Math.abs(after - 0.5)).toBeLessThan(1e-5);
        return [norm, ...params.map(({ grad }) => bits(grad))];
      });
      for (const result of results) expect(result).toEqual(results[0]);
    },
  );

  const clipped = (gradient: readonly number[], maxNorm: number) => {
    const grad = Float64Array.from(gradient);
    return [clipGradNorm([{ value: grad.slice(), grad }], maxNorm), ...grad];
  };

  test('leaves gradients within the limit alone', () => {
    expect(clipped([3, 4], 5.1)).toEqual([5, 3, 4]);
    // With 1e-6 beside it, this limit is the norm: a factor of 1 is none.
    expect(clipped([3, 4], 5 + 1e-6)).toEqual([5, 3, 4]);
  });

  test('divides by the norm and 1e-6, as PyTorch does', () => {
    // torch.nn.utils.clip_grad_norm_ of 1.13.1 over [3e-6, 4e-6] with a limit of 1e-6, and over [3, 4] with 5.
    const [norm, ...small] = clipped([3e-6, 4e-6], 1e-6);
    expect(norm).toBeCloseTo(5e-6, 18);
    expect(small[0] / 5e-7).toBeCloseTo(1, 12);
    expect(small[1] / (2e-6 / 3)).toBeCloseTo(1, 12);
    expect(clipped([3, 4], 5)).toEqual([5, 2.99999940000012, 3.99999920000016]);
    expect(clipped([3, 4], 0)).toEqual([5, 0, 0]);
  });

  test('makes all gradients NaN where one is, and the others zero where one is infinite, as PyTorch does', () => {
    for (const target of targets()) {
      useTarget(target);
      expect(clipped([Number.NaN, 1], 1)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
      const infinite = Number.POSITIVE_INFINITY;
      expect(clipped([infinite, 1], 1)).toEqual([infinite, Number.NaN, 0]);
    }
  });

  const SUM = [19, 0.9473683711911383, -1.263157828254851, 3.789473484764553];
  const LARGEST = [12, 1.4999998750000105, -1.9999998333333475, 5.999999500000042];

  test.each([
    // torch.nn.utils.clip_grad_norm_ of 1.13.1 with a limit of 6.
    [1, SUM],
    [Number.POSITIVE_INFINITY, LARGEST],
  ])('by the norm of type %d', (normType, expected) => {
    const grads = () => [Float64Array.of(3, -4), new Float64Array(0), Float64Array.of(12)];
    const params = grads().map((grad) => ({ value: new Float64Array(grad.length), grad }));
    const norm = clipGradNorm(params, 6, { normType });
    const found = [norm, ...params.flatMap(({ grad }) => [...grad])];
    for (const [i, x] of expected.entries()) expect(found[i]).toBeCloseTo(x, 14);
    expect(totalNorm(grads(), { normType })).toBe(norm);
    const values = grads().map((grad) => ({ value: new Float64Array(grad.length), grad }));
    const optimizer = new SGD(values, { lr: 1 });
    expect(optimizer.clipGradNorm(6, { normType })).toBe(norm);
    optimizer.step();
    expect(values.map(({ value }) => [...value])).toEqual(
      params.map(({ grad }) => [...grad].map((g) => 0 - g)),
    );
  });

  test('measures alone where the limit is infinite', () => {
    expect(clipped([3, 4], Infinity)).toEqual([5, 3, 4]);
    expect(clipped([Infinity, 4], Infinity)).toEqual([Infinity, Infinity, 4]);
  });

  test.each([1, 2, Infinity])('refuses a norm of type %d that is not finite, where asked', (normType) => {
    for (const bad of [NaN, -Infinity]) {
      const grad = Float32Array.of(1, bad);
      const params = [{ value: new Float32Array(2), grad }];
      expect(() => clipGradNorm(params, 1, { normType, errorIfNonfinite: true })).toThrow(
        `the norm must be finite, got ${Math.abs(bad)}`,
      );
      expect([...grad]).toEqual([1, bad]);
      expect(clipGradNorm(params, 1, { normType })).toBe(Math.abs(bad));
    }
  });

  test('refuses what does not fit', () => {
    expect(() => clipGradNorm([], 1, { normType: 3 })).toThrow(
      /normType must be one of 1, 2, Infinity, got 3/,
    );
    expect(() => clipGradNorm([], -1)).toThrow(/maxNorm must be a finite number of at least 0, got -1/);
    expect(() => Reflect.apply(clipGradNorm, null, [5, 1])).toThrow(/params must be an iterable/);
  });
});
