import { describe, expect, test } from 'vitest';
import {
  Adam,
  clipGradNorm,
  clipGradValue,
  type Optimizer,
  type Parameter,
  targets,
  useTarget,
} from '../../src/index.js';
import { randomArray } from './params.js';
import { bits, elementTypes, randomNumbers, table } from './table.js';

// A step that clips gradients as it reads them gives the bits of one after the functions that write them.

const special = [0, -0, 1e-45, 1e38, Infinity, -Infinity, NaN];

const WAYS: Record<
  string,
  readonly [
    apart: (params: readonly Parameter[], optimizer: Optimizer) => unknown,
    fused: (params: readonly Parameter[], optimizer: Optimizer) => unknown,
  ]
> = {
  'by norm': [(params) => clipGradNorm(params, 0.7), (_, optimizer) => optimizer.clipGradNorm(0.7)],
  'by norm, which is within the limit': [
    (params) => clipGradNorm(params, 1e9),
    (_, optimizer) => optimizer.clipGradNorm(1e9),
  ],
  'by value': [(params) => clipGradValue(params, 0.3), (_, optimizer) => optimizer.clipGradValue(0.3)],
  'by both': [
    (params) => {
      clipGradNorm(params, 20);
      clipGradValue(params, 0.3);
    },
    (_, optimizer) => {
      optimizer.clipGradNorm(20);
      optimizer.clipGradValue(0.3);
    },
  ],
};

/** The bits of weights and states after some steps, what clipping returned, and whether it left the gradients alone. */
function train(
  row: (typeof table)[number],
  ArrayType: (typeof elementTypes)[number],
  clip: (params: readonly Parameter[], optimizer: Optimizer) => unknown,
  extremes: readonly number[],
) {
  const random = randomNumbers(7);
  const params = [37, 4099, 0].map((length) => ({
    value: randomArray(ArrayType, length, random),
    grad: new ArrayType(length),
  }));
  const optimizer = row.create(params);
  const returned: unknown[] = [];
  for (let step = 0; step < 3; step++) {
    for (const { grad } of params) {
      for (let i = 0; i < grad.length; i++) grad[i] = extremes[i % 11] ?? random();
    }
    returned.push(clip(params, optimizer));
    optimizer.step();
  }
  const states = Object.values(optimizer.stateDict().parameters).flatMap(({ arrays }) =>
    Object.values(arrays),
  );
  return { bits: [...params.map(({ value }) => value), ...states].map(bits), returned };
}

const rowOf = (name: string) => table.filter((row) => row.name === name);

describe.each([
  ...table.map((row) => ['by both', row, []] as const),
  ...rowOf('Adam').flatMap((row) =>
    Object.keys(WAYS).flatMap((way) => [[way, row, []] as const, [way, row, special] as const]),
  ),
])('%s', (way, row, extremes) => {
  test(`${row.name} ${extremes.join(' ')}`, () => {
    const [apart, fused] = WAYS[way];
    for (const target of targets()) {
      useTarget(target);
      for (const ArrayType of elementTypes) {
        expect(train(row, ArrayType, fused, extremes)).toEqual(train(row, ArrayType, apart, extremes));
      }
    }
  });
});

test('gradients stay as they are, and the next ones are not clipped', () => {
  const [grad, value] = [Float32Array.of(3, 4), Float32Array.of(0, 0)];
  const optimizer = new Adam([{ value, grad }], { lr: 1 });
  expect(optimizer.clipGradNorm(1)).toBe(5);
  expect(Array.from(grad)).toEqual([3, 4]);
  optimizer.step();
  const moment = () => optimizer.stateDict().parameters['#0'].arrays.m[0];
  expect(moment()).toBeCloseTo(0.1 * (3 / 5), 6);
  grad.fill(0);
  grad[0] = 10;
  optimizer.step();
  expect(moment()).toBeCloseTo(0.9 * 0.1 * (3 / 5) + 0.1 * 10, 5);
  optimizer.clipGradValue(1);
  // What follows are other gradients.
  optimizer.zeroGrad();
  grad[0] = 10;
  const before = moment();
  optimizer.step();
  expect(moment()).toBeCloseTo(0.9 * before + 0.1 * 10, 5);
});

test('refuses what does not fit', () => {
  const optimizer = new Adam([{ value: new Float32Array(1), grad: null }]);
  expect(() => optimizer.clipGradNorm(-1)).toThrow(/maxNorm must be a finite number of at least 0, got -1/);
  expect(() => optimizer.clipGradValue(Number.NaN)).toThrow(/clipValue must be/);
});
