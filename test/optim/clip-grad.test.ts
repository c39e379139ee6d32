import { describe, expect, test } from 'vitest';
import { clipGradAdaptive, clipGradValue, RowGradient, targets, useTarget } from '../../src/index.js';

const parameter = (shape: number[], values: number[], gradient: number[]) => ({
  shape,
  value: Float64Array.from(values),
  grad: Float64Array.from(gradient),
});

describe.each(targets())('on %s', (target) => {
  test('clipGradValue limits every element', () => {
    useTarget(target);
    const w = { value: new Float32Array(5), grad: Float32Array.of(-3, -0.5, 0, 2, Number.NaN) };
    clipGradValue([w, { value: new Float32Array(2), grad: null }], 1);
    expect(w.grad).toEqual(Float32Array.of(-1, -0.5, 0, 1, Number.NaN));
    clipGradValue([w], 0);
    expect([...w.grad.subarray(0, 4)].map(Math.abs)).toEqual([0, 0, 0, 0]);
  });

  test('clipGradAdaptive scales the gradient of a unit to a share of its weights', () => {
    useTarget(target);
    // Norms of the weights 5 and 0; of the gradients 10 and 0.5.
    const matrix = parameter([2, 2], [3, 4, 0, 0], [6, 8, 0.3, 0.4]);
    const filters = parameter([1, 2, 2], [1, 1, 1, 1], [0.1, 0.1, 0.1, 0.1]);
    const vector = parameter([3], [2, 0, 0], [0, 0, 4]);
    clipGradAdaptive([matrix, filters, vector], { clipping: 0.2, eps: 0.5 });
    const expected = [0.6, 0.8, 0.06, 0.08];
    for (let i = 0; i < 4; i++) expect(matrix.grad[i]).toBeCloseTo(expected[i], 14);
    expect([...filters.grad]).toEqual([0.1, 0.1, 0.1, 0.1]);
    expect(vector.grad[2]).toBeCloseTo(0.4, 14);
  });
});

test('what does not fit is refused, and nothing changes', () => {
  const w = parameter([2], [1, 1], [9, 9]);
  expect(() => clipGradValue([w], -1)).toThrow(/clipValue must be .* at least 0, got -1/);
  expect(() => Reflect.apply(clipGradValue, null, [3, 1])).toThrow(
    'params must be an iterable of parameters, got 3',
  );
  expect(() => Reflect.apply(clipGradAdaptive, null, [3])).toThrow(
    'params must be an iterable of parameters, got 3',
  );
  expect(() => clipGradAdaptive([w], { clipping: 0 })).toThrow(/clipping must be/);
  expect(() => clipGradAdaptive([w, w])).toThrow(/must not share memory|twice/);
  const rows = new RowGradient(2, 2, 'float32');
  const table = { value: new Float32Array(4), grad: null, rowGrad: rows };
  expect(() => clipGradAdaptive([w, table])).toThrow(/params\[1\] must have no gradient by rows/);
  expect([...w.grad]).toEqual([9, 9]);
});
