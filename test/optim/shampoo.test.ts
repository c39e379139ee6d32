import { describe, expect, test } from 'vitest';
import { Adafactor, Shampoo, targets, useTarget } from '../../src/index.js';
import { inverseRoot } from '../../src/optim/inverse-root.js';
import { SharedScratch } from '../../src/optim/pass.js';
import { numbers } from './params.js';
import { bits } from './table.js';

const make = () =>
  [[17, 9], [5, 2, 3], [7]].map((shape, i) => {
    const length = shape.reduce((product, size) => product * size);
    const [value, grad] = [numbers(length, i), numbers(length, i + 0.5)];
    return { value: Float32Array.from(value), grad: Float32Array.from(grad), shape };
  });

/** Trains, by way of a state dictionary after two steps where there is to be one. */
function train(isSaved: boolean): string[] {
  const params = make();
  const create = () => new Shampoo(params, { momentum: 0.9, preconditionFrequency: 3, weightDecay: 0.01 });
  let optimizer = create();
  for (let step = 0; step < 5; step++) {
    if (isSaved && step === 2) {
      const saved = structuredClone(optimizer.stateDict());
      optimizer = create();
      optimizer.loadStateDict(saved);
    }
    for (const { grad } of params) grad.set(grad.map((g, i) => Math.cos(g + i + step)));
    optimizer.step();
  }
  return params.map(({ value }) => bits(value));
}

test('goes on with the same bits where it was saved, which are those of every native target', () => {
  const results = targets()
    .filter((target) => target !== 'typescript')
    .map((target) => {
      useTarget(target);
      const whole = train(false);
      expect(train(true)).toEqual(whole);
      return whole;
    });
  for (const result of results) expect(result).toEqual(results[0]);
});

describe.each(targets())('on %s', (target) => {
  test.each([2, 4] as const)('the inverse root of order %i, of eigenvalues from 1e-6 to 1e3', (p) => {
    useTarget(target);
    // A reflection is its own inverse: a = h d h, and its root is h d^(-1/p) h.
    const n = 6;
    const u = numbers(n, 2);
    const square = u.reduce((sum, x) => sum + x * x, 0);
    const h = (i: number, j: number) => Number(i === j) - (2 * u[i] * u[j]) / square;
    const power = (exponent: number) =>
      Float64Array.from({ length: n * n }, (_, at) => {
        let sum = 0;
        for (let k = 0; k < n; k++) {
          sum += h(Math.floor(at / n), k) * (10 ** (1.8 * k - 6)) ** exponent * h(k, at % n);
        }
        return sum;
      });
    const [a, root, expected] = [power(1), new Float64Array(n * n), power(-1 / p)];
    inverseRoot(a, n, p, root, new SharedScratch());
    const largest = Math.max(...expected.map(Math.abs));
    for (const [i, x] of root.entries()) expect(Math.abs(x - expected[i])).toBeLessThan(1e-6 * largest);
  });
});

test('what is factored takes little memory', () => {
  const params = make();
  const optimizer = new Adafactor(params);
  optimizer.step();
  const sizes = Object.values(optimizer.stateDict().parameters).map(({ arrays }) =>
    Object.fromEntries(Object.entries(arrays).map(([name, { length }]) => [name, length])),
  );
  expect(sizes).toEqual([
    { rowVariance: 17, columnVariance: 9 },
    { rowVariance: 10, columnVariance: 15 },
    { variance: 7 },
  ]);
});

test.each([
  [{ momentum: -1 }, /momentum must be .* at least 0/],
  [{ eps: 0 }, /eps must be .* greater than 0/],
  [{ preconditionFrequency: 0 }, /preconditionFrequency must be an integer of at least 1/],
  [{ maxPreconditionDim: 0.5 }, /maxPreconditionDim must be an integer/],
])('Shampoo refuses the options %o', (options, message) => {
  expect(() => new Shampoo(make(), options)).toThrow(message);
});
