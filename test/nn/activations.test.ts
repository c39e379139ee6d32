import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { targets, useTarget } from '../../src/backend/select.js';
import * as nn from '../../src/nn/index.js';
import { expectClose, expectGradients, poisonPool, randomTensor } from './helpers.js';

/** See test/golden/README.md. */
interface Case {
  readonly name: string;
  readonly options: Record<string, number>;
  readonly x: number[];
  readonly y: number[];
  readonly slope: number[];
}

const path = new URL('../golden/modules.json', import.meta.url);
const cases: Case[] = JSON.parse(readFileSync(path, 'utf8')).activations;

function make({ name, options }: Case): nn.Module {
  const all = name === 'PReLU' ? { ...options, dtype: 'float64' } : options;
  const module: unknown = Reflect.construct(
    Reflect.get(nn, name),
    Object.keys(all).length === 0 ? [] : [all],
  );
  if (!(module instanceof nn.Module)) throw new Error(`${name} is no module`);
  return module;
}

describe.each(targets())('on %s', (target) => {
  beforeAll(() => useTarget(target));

  it.each(cases.map((test) => [test.name, test.options, test] as const))(
    '%s %j is that of PyTorch, and so is its slope',
    (_, __, test) => {
      const x = nn.tensor(test.x, { dtype: 'float64', requiresGrad: true });
      const y = make(test).forward(x);
      expectClose(y.value, test.y, 'y');
      nn.sum(y).backward();
      // PyTorch's sixth is that of a float.
      const round = (values: Iterable<number>) =>
        test.name === 'Hardsigmoid' ? Array.from(values, Math.fround) : [...values];
      expectClose(round(x.grad ?? []), round(test.slope), 'slope');
    },
  );
});

describe('gradients', () => {
  beforeEach(poisonPool);
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each([1, 3])('of prelu with %i weights', (count) => {
    const [x, weight] = [randomTensor([2, 4, 3], 1), randomTensor([count], 2)];
    expectGradients(
      () => nn.sum(nn.square(nn.prelu(x, weight))).add(nn.sum(nn.prelu(x, weight))),
      [x, weight],
    );
  });

  it.each([0, 1, -1])('of glu along axis %i', (axis) => {
    const x = randomTensor([4, 2, 6], 1);
    expectGradients(() => nn.sum(nn.square(nn.glu(x, axis))), [x]);
    const half = x.shape.at(axis) ?? 0;
    const [a, b] = nn.split(x, half / 2, axis);
    expect(new nn.GLU(axis).forward(x).value).toEqual(a.mul(b.sigmoid()).value);
  });

  it.each([
    ['leakyRelu', (x: nn.Tensor) => nn.leakyRelu(x, 0.1)],
    ['elu', (x: nn.Tensor) => nn.elu(x, 0.5)],
    ['softplus', (x: nn.Tensor) => nn.softplus(x, { beta: 3, threshold: 1 })],
    ['hardtanh', (x: nn.Tensor) => nn.hardtanh(x, { minVal: -0.5, maxVal: 0.25 })],
    ['mish', (x: nn.Tensor) => nn.mish(x.mul(4))],
    ['logsigmoid', (x: nn.Tensor) => nn.logsigmoid(x.mul(4))],
    ['softsign', nn.softsign],
    ['tanhshrink', nn.tanhshrink],
    ['selu', nn.selu],
  ])('of %s', (_, f) => {
    const x = randomTensor([3, 7], 1);
    expectGradients(() => nn.sum(nn.square(f(x))), [x]);
  });
});

it.each(['float32', 'float64'] as const)('the ends of hardtanh and relu6 have no slope, in %s', (dtype) => {
  const next = dtype === 'float32' ? 2 ** -24 : 2 ** -53;
  const numbers = [0, Number.MIN_VALUE * (dtype === 'float32' ? 2 ** 925 : 1), 6, 6 - 8 * next, Number.NaN];
  const x = nn.tensor(numbers, { dtype, requiresGrad: true });
  nn.sum(nn.relu6(x)).backward();
  expect([...(x.grad ?? [])]).toEqual([0, 1, 0, 1, 1]);
  x.grad = null;
  nn.sum(nn.hardtanh(x, { minVal: 0, maxVal: 6 })).backward();
  expect([...(x.grad ?? [])]).toEqual([0, 1, 0, 1, 1]);
});

it('refuse what does not fit', () => {
  const x = randomTensor([2, 3], 1);
  expect(() => nn.prelu(x, randomTensor([2], 1))).toThrow(/weight must have shape \[1\] or \[3\], got \[2\]/);
  expect(() => nn.glu(x)).toThrow(/x must have an even length along axis 1, got 3/);
  expect(() => nn.hardtanh(x, { minVal: 2 })).toThrow(/minVal must be below maxVal, 1, got 2/);
  expect(() => nn.softplus(x, { beta: 0 })).toThrow(/beta/);
  expect(() => Reflect.construct(nn.PReLU, [{ numParameters: 0 }])).toThrow(/numParameters/);
});
