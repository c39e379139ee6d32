import { expect, test } from 'vitest';
import { SOAP, targets, useTarget } from '../../src/index.js';
import { orthonormalRows } from '../../src/optim/orthonormal.js';
import { SharedScratch } from '../../src/optim/pass.js';
import { numbers } from './params.js';
import { bits, randomNumbers } from './table.js';

const make = () =>
  [[40, 9], [5, 2, 3], [7]].map((shape, i) => {
    const length = shape.reduce((product, size) => product * size);
    const [value, grad] = [numbers(length, i), numbers(length, i + 0.5)];
    return { value: Float32Array.from(value), grad: Float32Array.from(grad), shape };
  });

/** Trains, by way of a state dictionary after three steps where there is to be one. */
function train(isSaved: boolean): string[] {
  const params = make();
  const create = () => new SOAP(params, { preconditionFrequency: 2 });
  let optimizer = create();
  for (let step = 0; step < 6; step++) {
    if (isSaved && step === 3) {
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

test.each(targets())('rows are made orthonormal, near ones too, on %s', (target) => {
  useTarget(target);
  // More than a block of rows; all are near the first.
  const n = 45;
  const random = randomNumbers(3);
  const first = Array.from({ length: n }, random);
  const a = Float64Array.from({ length: n * n }, (_, at) => first[at % n] + 1e-8 * random());
  const given = a.slice(0, n);
  orthonormalRows(a, n, new SharedScratch());
  const dot = (i: number, j: number) => {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += a[i * n + k] * a[j * n + k];
    return sum;
  };
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) expect(Math.abs(dot(i, j) - Number(i === j))).toBeLessThan(1e-13);
  }
  const norm = Math.hypot(...given);
  for (let k = 0; k < n; k++) expect(a[k]).toBeCloseTo(given[k] / norm, 14);
});

test('bases come near the eigenvectors of the statistics', () => {
  const [rows, columns] = [6, 4];
  const parameter = { value: new Float64Array(24), grad: new Float64Array(24), shape: [rows, columns] };
  const optimizer = new SOAP([parameter], { preconditionFrequency: 1, betas: [0.9, 0.999] });
  const random = randomNumbers(5);
  for (let step = 0; step < 200; step++) {
    parameter.grad.set(parameter.grad.map((_, at) => random() * 3 ** (at % columns)));
    optimizer.step();
  }
  const { right, rightBasis } = optimizer.stateDict().parameters['#0'].arrays;
  const turned = (i: number, j: number) => {
    let sum = 0;
    for (let k = 0; k < columns; k++) {
      for (let l = 0; l < columns; l++)
        sum += rightBasis[i * columns + k] * right[k * columns + l] * rightBasis[j * columns + l];
    }
    return sum;
  };
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < i; j++) expect(Math.abs(turned(i, j))).toBeLessThan(1e-2 * turned(i, i));
  }
});

test('gradients of zero turn nothing', () => {
  const value = Float32Array.of(1, 2, 3, 4);
  const optimizer = new SOAP([{ value, grad: new Float32Array(4), shape: [2, 2] }], {
    preconditionFrequency: 1,
    weightDecay: 0,
  });
  optimizer.step();
  expect(Array.from(value)).toEqual([1, 2, 3, 4]);
  expect(Array.from(optimizer.stateDict().parameters['#0'].arrays.leftBasis)).toEqual([1, 0, 0, 1]);
});

test.each([
  [{ betas: [0.9] }, /betas must be an array of two numbers/],
  [{ betas: [0.9, 1] }, /betas\[1\] must be in \[0, 1\), got 1/],
  [{ eps: -1 }, /eps must be .* at least 0, got -1/],
  [{ preconditionFrequency: 0 }, /preconditionFrequency must be an integer of at least 1, got 0/],
  [{ maxPreconditionDim: 1.5 }, /maxPreconditionDim must be an integer of at least 1, got 1.5/],
])('SOAP refuses the options %o', (options, message) => {
  expect(() => Reflect.construct(SOAP, [make(), options])).toThrow(message);
});
