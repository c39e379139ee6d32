import { describe, expect, test } from 'vitest';
import { Muon, targets, useTarget } from '../../src/index.js';
import { numbers } from './params.js';
import { bits } from './table.js';

const matrix = (rows: number, columns: number, seed = 1) => ({
  value: Float32Array.from(numbers(rows * columns, seed)),
  grad: Float32Array.from(numbers(rows * columns, seed + 0.5)),
  shape: [rows, columns],
});

test('gives the same bits on every native target, and goes on with them when it was saved', () => {
  const results = targets()
    .filter((target) => target !== 'typescript')
    .map((target) => {
      useTarget(target);
      const params = [matrix(40, 17), matrix(9, 33, 2), matrix(1, 5)];
      const first = new Muon(params, { lr: 0.1 });
      first.step();
      const second = new Muon(params, { lr: 0.1 });
      second.loadStateDict(structuredClone(first.stateDict()));
      const other = params.map((param) => ({ ...param, value: param.value.slice() }));
      const third = new Muon(other, { lr: 0.1 });
      third.loadStateDict(first.stateDict());
      second.step();
      third.step();
      expect(other.map(({ value }) => bits(value))).toEqual(params.map(({ value }) => bits(value)));
      return params.map(({ value }) => bits(value));
    });
  for (const result of results) expect(result).toEqual(results[0]);
});

test('steps by a matrix that is nearly orthogonal, but not where the gradient is 0', () => {
  const w = { ...matrix(3, 3), value: new Float32Array(9) };
  w.grad.set([2, 0, 0, 0, 1, 0, 0, 0, -3]);
  new Muon([w], { lr: 1, weightDecay: 0 }).step();
  for (const [i, x] of w.value.entries()) {
    const sign = [-1, 0, 0, 0, -1, 0, 0, 0, 1][i];
    if (sign === 0) expect(x).toBeCloseTo(0, 6);
    else expect(x * sign).toBeGreaterThan(0.6);
  }
  const still = { ...matrix(2, 2), grad: new Float32Array(4) };
  const before = still.value.slice();
  new Muon([still], { weightDecay: 0 }).step();
  expect(still.value).toEqual(before);
});

describe('refuses', () => {
  test('what is no matrix, and says what to do', () => {
    const vector = { value: new Float32Array(4), grad: null };
    expect(() => new Muon([vector])).toThrow(/matrices, .* of shape \[4\]: give the others .* AdamW/);
    const images = { ...vector, shape: [1, 1, 2, 2] };
    const optimizer = new Muon([matrix(2, 2)]);
    expect(() => optimizer.addParamGroup({ params: [images] })).toThrow(/two dimensions/);
  });

  test.each([
    [{ momentum: 1 }, /momentum must be in \[0, 1\), got 1/],
    [{ nesterov: 1 }, /nesterov must be a boolean/],
    [{ nsCoefficients: [1, 2] }, /nsCoefficients must be an array of three numbers/],
    [{ nsCoefficients: [1, 2, Number.NaN] }, /nsCoefficients\[2\] must be finite/],
    [{ nsSteps: 100 }, /nsSteps must be below 100, got 100/],
    [{ eps: -1 }, /eps must be .* at least 0/],
    [{ weightDecay: -1 }, /weightDecay must be .* at least 0/],
    [{ adjustLrFn: 'none' }, /adjustLrFn must be one of null, "original", "match_rms_adamw"/],
  ])('the options %o', (options, message) => {
    expect(() => Reflect.construct(Muon, [[matrix(2, 2)], options])).toThrow(message);
  });
});
