import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { currentTarget, useTarget } from '../../src/backend/select.js';
import * as nn from '../../src/nn/index.js';
import { expectGradients, poisonPool, randomTensor, weigh } from './helpers.js';

// Operations between shapes: their gradients against central differences in float64; see gradients.test.ts.

beforeEach(poisonPool);
afterEach(() => {
  vi.restoreAllMocks();
});

const fastest = currentTarget();

const pairs: [number[], number[]][] = [
  [[5], [5]],
  [[2, 3], [3]],
  [[3], [2, 3]],
  [
    [4, 3],
    [4, 1],
  ],
  [[2, 3], []],
  [
    [3, 1],
    [1, 65],
  ],
  [
    [2, 3, 2],
    [3, 1],
  ],
  [
    [2, 1, 3, 1, 2],
    [1, 2, 3, 2, 1],
  ],
];
const operations = {
  add: nn.add,
  sub: nn.sub,
  mul: nn.mul,
  div: nn.div,
  maximum: nn.maximum,
  minimum: nn.minimum,
  pow: nn.pow,
};

function mapped(x: nn.Tensor, f: (x: number) => number): nn.Tensor {
  return nn.tensor(x.value.map(f), x.shape, { requiresGrad: true });
}

describe.each([...new Set([fastest, 'typescript'])])('on %s', (target) => {
  beforeAll(() => useTarget(target));

  describe.each(Object.entries(operations))('%s', (name, operation) => {
    it.each(pairs)('shapes %j and %j', (aShape, bShape) => {
      // Divisors away from zero; of powers, both positive.
      const awayFromZero = (x: number) => x + 2 * Math.sign(x);
      const positive = (x: number) => Math.abs(x) + 0.5;
      const a = name === 'pow' ? mapped(randomTensor(aShape, 1), positive) : randomTensor(aShape, 1);
      const b = mapped(
        randomTensor(bShape, 2),
        name === 'div' ? awayFromZero : name === 'pow' ? positive : (x) => x,
      );
      expectGradients(() => weigh(operation(a, b)), [a, b]);
      // Into gradients that are there already, and of one operand alone.
      expectGradients(() => weigh(operation(operation(a, b), b)).add(a.sum()), [a, b]);
      b.requiresGrad = false;
      expectGradients(() => weigh(operation(a, b)), [a]);
      expectGradients(() => weigh(operation(b, a)), [a]);
    });

    it('a number on either side', () => {
      const a =
        name === 'pow'
          ? nn.tensor([0.5, 1, 2], [3], { requiresGrad: true, dtype: 'float64' })
          : randomTensor([2, 3], 1);
      expectGradients(() => weigh(operation(a, 0.3)), [a]);
      expectGradients(() => weigh(operation(0.3, a)), [a]);
    });
  });

  it('share the gradient where both are equal', () => {
    for (const operation of [nn.maximum, nn.minimum]) {
      const [a, b] = [1, 1].map((x) => nn.tensor([x, 2 * x], [2], { requiresGrad: true }));
      operation(a, b).sum().backward();
      expect([...(a.grad ?? []), ...(b.grad ?? [])]).toEqual([0.5, 0.5, 0.5, 0.5]);
    }
  });

  it("give powers of zero, and zeroth powers, PyTorch's gradients", () => {
    const a = nn.tensor([0, 0, 0, -2, 3], [5], { requiresGrad: true });
    const b = nn.tensor([0, 2, -1, 2, 0], [5], { requiresGrad: true });
    nn.pow(a, b).sum().backward();
    expect(Array.from(a.grad ?? [])).toEqual([0, 0, Number.NEGATIVE_INFINITY, -4, 0]);
    expect(Array.from(b.grad ?? [])).toEqual([
      0,
      0,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      Math.fround(Math.log(3)),
    ]);
  });

  it.each(pairs)('where, shapes %j and %j', (aShape, bShape) => {
    const [a, b] = [randomTensor(aShape, 1), randomTensor(bShape, 2)];
    const condition = nn.gt(randomTensor([], 3, false), a.detach());
    expectGradients(() => weigh(nn.where(condition, a, b)), [a, b]);
    expectGradients(() => weigh(nn.where(condition, 0.5, b)), [b]);
    expectGradients(() => weigh(nn.where(condition, a, 0.5)), [a]);
  });

  it('clamp', () => {
    const x = randomTensor([3, 65], 1);
    expectGradients(() => weigh(nn.clamp(x, { min: -0.4, max: 0.6 })), [x]);
    expectGradients(() => weigh(nn.clamp(x, { max: 0.6 })), [x]);
  });

  it('compare: constants', () => {
    const x = nn.tensor([1, 2, Number.NaN], [3], { requiresGrad: true });
    const rows = {
      eq: [0, 1, 0],
      ne: [1, 0, 1],
      lt: [1, 0, 0],
      le: [1, 1, 0],
      gt: [0, 0, 0],
      ge: [0, 1, 0],
    } as const;
    for (const name of ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const) {
      const result = nn[name](x, 2);
      expect([...result.data], name).toEqual(rows[name]);
      expect(result.dtype).toBe('bool');
      expect(result.requiresGrad).toBe(false);
    }
  });

  it.each([[[4, 3]], [[4, 65]], [[4, 2, 3]], [[4]]])('embedding, weight %j', (shape) => {
    const weight = randomTensor(shape, 1);
    const indices = Int32Array.of(3, 0, 3, 3, 1);
    expect(nn.embedding(weight, indices).shape).toEqual([5, ...shape.slice(1)]);
    expectGradients(() => weigh(nn.embedding(weight, indices)), [weight]);
    expectGradients(() => weigh(nn.embedding(weight, [0, 0]).mul(nn.embedding(weight, [3, 0]))), [weight]);
  });

  it.each<[number[], number[]]>([
    [
      [2, 3],
      [1, 0],
    ],
    [
      [2, 3, 4, 5],
      [0, 2, 1, 3],
    ],
    [
      [2, 1, 3, 2],
      [-1, 0, 2, 1],
    ],
    [
      [2, 2, 3, 2, 2],
      [4, 2, 0, 3, 1],
    ],
  ])('permute, %j to %j', (shape, axes) => {
    const x = randomTensor(shape, 1);
    expect(nn.permute(x, { axes }).shape).toEqual(axes.map((axis) => shape.at(axis)));
    expectGradients(() => weigh(nn.permute(x, { axes }).tanh()), [x]);
    expectGradients(() => weigh(nn.transpose(x)).add(x.sum()), [x]);
  });

  it('dropout', () => {
    const x = randomTensor([3, 65], 1);
    const seeded = () => ({ probability: 0.4, generator: new nn.Generator(3, 5) });
    expectGradients(() => weigh(nn.dropout(x, seeded()).tanh()), [x]);
    const layer = new nn.Dropout({ probability: 0.4 });
    nn.manualSeed(1);
    const [first, second] = [layer.forward(x), layer.forward(x)].map(({ value }) => value);
    expect(first).not.toEqual(second);
    nn.manualSeed(1);
    expect(layer.forward(x).value).toEqual(first);
    expect(layer.eval().forward(x)).toBe(x);
    expect(nn.dropout(x, { training: false })).toBe(x);
    expect(nn.dropout(x, { probability: 1 }).value.every((y) => y === 0)).toBe(true);
  });

  it('embedding keeps the indices it was given', () => {
    const weight = randomTensor([2, 1], 1);
    const indices = Int32Array.of(1);
    const loss = nn.embedding(weight, indices).sum();
    indices[0] = 0;
    loss.backward();
    expect([...(weight.grad ?? [])]).toEqual([0, 1]);
  });
});

it('refuse what does not fit', () => {
  const x = randomTensor([2, 3], 1);
  const run = (f: (...args: never[]) => unknown, ...args: unknown[]) => {
    try {
      return Reflect.apply(f, null, args);
    } catch (error) {
      return String(error);
    }
  };
  expect(run(nn.add, x, randomTensor([2], 2))).toMatch(
    /^RangeError: shapes must be equal .* got a \[2, 3\], b \[2\]/,
  );
  expect(run(nn.add, 1, 2)).toMatch(/^TypeError: one of the operands must be a Tensor, got numbers/);
  expect(run(nn.mul, x, nn.tensor([1]))).toMatch(/^TypeError: b must be float64/);
  expect(run(nn.lt, x, '1')).toMatch(/^TypeError: b must be a Tensor, got "1"/);
  expect(run(nn.where, 1, x, x)).toMatch(/^TypeError: condition must be a Tensor/);
  expect(run(nn.where, x, x, randomTensor([4], 1))).toMatch(/got condition \[2, 3\], a \[2, 3\], b \[4\]/);
  expect(run(nn.clamp, x, { min: Number.NaN })).toMatch(/^RangeError: min must not be NaN/);
  expect(run(nn.clamp, x, { low: 1 })).toMatch(/^TypeError: clamp has no option "low"/);
  expect(run(nn.permute, x, { axes: [0] })).toMatch(/^RangeError: axes must have each of 2 dimensions once/);
  expect(run(nn.transpose, nn.tensor([1]))).toMatch(
    /^RangeError: x must have at least two dimensions, got shape \[1\]/,
  );
  expect(run(nn.dropout, x, { probability: -1 })).toMatch(
    /^RangeError: probability must be in \[0, 1\], got -1/,
  );
  expect(run(nn.dropout, x, { generator: 1 })).toMatch(/^TypeError: generator must be a Generator, got 1/);
  expect(() => new nn.Dropout({ probability: 2 })).toThrow(/^probability must be in \[0, 1\], got 2/);
  expect(run(nn.embedding, x, [2])).toMatch(
    /^RangeError: indices\[0\] must be a whole number from 0 to 1, got 2/,
  );
  expect(run(nn.embedding, x, [])).toMatch(/^RangeError: indices must have at least one element/);
});
