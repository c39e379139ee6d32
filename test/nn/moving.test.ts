import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { currentTarget, useTarget } from '../../src/backend/select.js';
import * as nn from '../../src/nn/index.js';
import { expectClose, expectGradients, poisonPool, randomTensor, weigh } from './helpers.js';

// What moves and picks elements: against PyTorch's numbers (test/golden/shapes.py), against differences, and what it refuses.

interface Entry {
  readonly shape: number[];
  readonly value: number[];
}

interface Case {
  readonly name: string;
  readonly args: unknown[];
  readonly inputs: Entry[];
  readonly outputs: Entry[];
  readonly seeds: Entry[];
  readonly gradients: Entry[];
}

const path = new URL('../golden/shapes.json', import.meta.url);
const cases: Case[] = JSON.parse(readFileSync(path, 'utf8'));

beforeEach(poisonPool);
afterEach(() => {
  vi.restoreAllMocks();
});

const fastest = currentTarget();

function read({ shape, value }: Entry, requiresGrad = false): nn.Tensor {
  return nn.tensor(Float64Array.from(value), shape, { requiresGrad });
}

/** The tensors that a function gives, as a function or as a method. */
function call(self: unknown, name: string, args: unknown[]): nn.Tensor[] {
  const run: unknown = Reflect.get(Object(self), name);
  if (typeof run !== 'function') throw new Error(`there is no ${name}`);
  const given: unknown = Reflect.apply(run, self, args);
  const results: unknown[] = Array.isArray(given) ? given : [given];
  return results.map((one) => {
    const result: unknown = one instanceof nn.Tensor ? one : Reflect.get(Object(one), 'values');
    if (!(result instanceof nn.Tensor)) throw new Error(`${name} gives no tensor`);
    return result;
  });
}

const isEntry = (value: unknown): value is Entry => typeof value === 'object' && 'shape' in Object(value);

function runCase({ name, args, inputs, outputs, seeds, gradients }: Case, isMethod: boolean): void {
  const leaves = inputs.map((one) => read(one, true));
  const rest = args.map((one) => (isEntry(one) ? read(one) : one));
  const joins = name === 'cat' || name === 'stack';
  const [x] = leaves;
  const results = isMethod ? call(x, name, rest) : call(nn, name, [joins ? leaves : x, ...rest]);
  expect(results.map(({ shape }) => shape)).toEqual(outputs.map(({ shape }) => shape));
  results.forEach((one, i) => {
    expectClose(one.value, outputs[i].value, `output ${i}`);
  });
  const losses = results.map((one, i) => one.mul(read(seeds[i])).sum());
  losses.reduce((a, b) => a.add(b)).backward();
  leaves.forEach(({ grad }, i) => {
    expectClose(grad ?? [], gradients[i].value, `gradient ${i}`);
  });
}

const mask = nn.tensor([0, 1, 0], [3], { dtype: 'float64' });

describe.each([...new Set([fastest, 'typescript'])])('on %s', (target) => {
  beforeAll(() => useTarget(target));

  it.each(cases.map((one, i) => [i, one.name, one] as const))('%i: %s as PyTorch', (_, name, one) => {
    runCase(one, false);
    if (name in nn.Tensor.prototype) runCase(one, true);
  });

  // Larger than what is copied without the kernel, of more dimensions than it takes, and with gradients that meet others.
  const moves: Record<string, (x: nn.Tensor) => nn.Tensor> = {
    slice: (x) => x.slice(1, -1, 0, -2),
    'slices that meet': (x) => x.slice(0, 0, 2).add(x.slice(0, 1, 3)),
    'halves of a split': (x) => {
      const [first, second] = x.split([1, x.shape[0] - 1]);
      return first.add(second.sum()).add(x.sum());
    },
    flip: (x) => x.flip([0, -1]).tanh().add(x.flip(1)),
    roll: (x) => x.roll([1, -3], [0, -1]).add(x).add(x.roll(5)),
    'reflect, replicate, circular': (x) =>
      nn
        .pad(x, [2, 2, 1, 1], { mode: 'reflect' })
        .add(nn.pad(x, [2, 2, 1, 1], { mode: 'replicate' }))
        .add(nn.pad(x, [2, 2, 1, 1], { mode: 'circular' })),
    'pad with a number': (x) => nn.pad(x, [-1, 2, 1, 0], { value: 3 }).add(x.sum()),
    'tile, expand': (x) =>
      x
        .tile([2, 1, 2])
        .sum()
        .add(x)
        .expand([2, ...x.shape]),
    'cat with itself': (x) => nn.cat([x, x.tanh(), x], 1),
    stack: (x) => nn.stack([x, x.tanh()], 1),
    'squeeze, unsqueeze': (x) => x.unsqueeze(1).squeeze(1).add(x),
    'indices that repeat': (x) => x.indexSelect(1, [2, 0, 2, 1]).add(x.sum()),
    gather: (x) => x.gather(0, new Int32Array(x.size).fill(1)).add(x),
    'sums and products': (x) => x.cumsum(1).add(x.cumsum(-1)).add(x.cumprod(0)),
    'sort, topk': (x) => x.sort({ axis: 0 }).values.mul(x.topk(2, { axis: 0 }).values.sum()),
    'tril, triu, maskedFill': (x) =>
      x
        .tril()
        .add(x.triu(1).mul(2))
        .maskedFill(mask.reshape([3, ...x.shape.slice(1).fill(1)]), 4),
  };

  describe.each(Object.entries(moves))('%s', (name, move) => {
    it.each([[[3, 4, 5]], [[3, 8, 9]], [[3, 4, 2, 1, 2, 3]]])('shape %j', (shape) => {
      const x = randomTensor(shape, 1);
      expectGradients(() => weigh(move(x)), [x], name === 'sort, topk' ? 3 : 1);
    });
  });

  it('indexAdd adds in order, with gradients for both', () => {
    const x = randomTensor([2, 4, 3], 1);
    const source = randomTensor([2, 5, 3], 2);
    const run = () => x.indexAdd(1, [3, 0, 3, 3, 1], source, { alpha: -2 });
    const { value } = run();
    expect(value[3 * 3]).toBeCloseTo(
      x.value[9] - 2 * (source.value[0] + source.value[6] + source.value[9]),
      12,
    );
    expectGradients(() => weigh(run()), [x, source]);
    const plain = nn
      .tensor([
        [1, 2],
        [3, 4],
      ])
      .indexAdd(
        0,
        [1, 1],
        nn.tensor([
          [1, 1],
          [2, 3],
        ]),
      );
    expect([...plain.value]).toEqual([1, 2, 6, 8]);
  });

  it('oneHot', () => {
    const hot = nn.oneHot([1, 0, 2]);
    expect([hot.shape, [...hot.value]]).toEqual([
      [3, 3],
      [0, 1, 0, 1, 0, 0, 0, 0, 1],
    ]);
    expect(nn.oneHot(nn.tensor([[0, 1]]), 4, { dtype: 'float64' }).shape).toEqual([1, 2, 4]);
    expect(nn.oneHot(nn.tensor([[0, 1]]), 4, { dtype: 'float64' }).dtype).toBe('float64');
  });
});

describe('sorting', () => {
  /** The order of an array, by comparison: NaN last, and what is equal in its order. */
  function orderOf(values: readonly number[], descending: boolean): number[] {
    const rank = (x: number) => (Number.isNaN(x) ? [1, 0] : [0, x + 0]);
    return [...values.keys()].sort((i, j) => {
      const [a, b] = [rank(values[i]), rank(values[j])];
      const order = a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0);
      return descending ? -order : order;
    });
  }

  const odd = [
    0,
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    1e-40,
    -1e-40,
    5,
    5,
    1e30,
  ];
  it.each(['float32', 'float64'] as const)('has the order of comparisons, %s', (dtype) => {
    const generator = new nn.Generator(3);
    for (const length of [1, 2, 10, 48, 49, 500, 3000]) {
      const numbers = Array.from({ length }, (_, i) =>
        i % 3 === 0 ? (odd[generator.integer(odd.length)] ?? 0) : 200 * (generator.uniform() - 0.5),
      );
      const x = nn.tensor(numbers, { dtype });
      for (const descending of [false, true]) {
        const expected = orderOf([...x.value], descending);
        const { values, indices } = nn.sort(x, { descending });
        expect([...indices.data]).toEqual(expected);
        expect([...values.value]).toEqual(expected.map((i) => x.value[i]));
        expect([...nn.topk(x, Math.ceil(length / 3), { largest: descending }).indices.data]).toEqual(
          expected.slice(0, Math.ceil(length / 3)),
        );
      }
    }
  });
});

it('gathers what topk gives', () => {
  const x = randomTensor([4, 9], 5, false);
  const { values, indices } = nn.topk(x, 3);
  expect(nn.gather(x, -1, indices).value).toEqual(values.value);
});

it('refuses what does not fit', () => {
  const x = randomTensor([2, 3], 1);
  const refused: [() => unknown, RegExp][] = [
    [() => nn.cat([]), /tensors must have at least one tensor/],
    [
      () => nn.cat([x, randomTensor([2, 2], 1)]),
      /tensors\[1\] must be \[2, 3\] as the first but along axis 0, got \[2, 2\]/,
    ],
    [() => nn.cat([x, nn.tensor([[1]])]), /tensors\[1\] must be float64/],
    [
      () => nn.stack([x, randomTensor([3, 3], 1)]),
      /tensors\[1\] must have the shape \[2, 3\] of the first, got \[3, 3\]/,
    ],
    [() => x.narrow(1, 1, 3), /length must be at most 2 from 1 of 3 on, got 3/],
    [() => x.narrow(2, 0, 1), /axis must be an axis of 2 from -2 to 1, got 2/],
    [() => x.select(0, 2), /index must be from -2 to 1, got 2/],
    [() => x.select(0, -3), /index must be from -2 to 1, got -3/],
    [() => x.slice(0, 2), /the slice must have an element, got 2 to undefined by 1 of 2/],
    [() => x.slice(0, 0, 1, 0), /step must not be 0/],
    [() => x.split(0), /size must be an integer of at least 1, got 0/],
    [() => x.split([1, 2]), /size must have the sum 2, got \[1, 2\]/],
    [() => x.flip([0, 0]), /axes must differ/],
    [() => x.roll([1, 2], 0), /shifts must have one number for each of 1 axes, got \[1, 2\]/],
    [() => nn.pad(x, [1]), /widths must be pairs of numbers for 2 dimensions at most, got \[1\]/],
    [() => nn.pad(x, [3, 0], { mode: 'reflect' }), /widths must be at most 2 for a length of 3, got 3/],
    [() => nn.pad(x, [-2, -1]), /widths must leave an element of 3, got -2 and -1/],
    [() => x.expand([2, 4]), /x of shape \[2, 3\] cannot be expanded to \[2, 4\]/],
    [() => x.expand([3]), /x of shape \[2, 3\] cannot be expanded to \[3\]/],
    [() => x.expand([-1, 2, 3]), /x of shape \[2, 3\] cannot be expanded to \[-1, 2, 3\]/],
    [() => x.repeat([2]), /counts must have 2 numbers at least, got \[2\]/],
    [() => x.tile([0]), /counts\[0\] must be an integer of at least 1, got 0/],
    [() => x.unsqueeze(3), /axis must be an axis of 3 from -3 to 2, got 3/],
    [() => x.gather(0, [0, 1]), /indices must be as many for each of 3 lines of x \[2, 3\], got 2/],
    [
      () => x.gather(0, nn.tensor([[0, 1, 0, 1]])),
      /indices must have lengths up to those of x \[2, 3\], but along axis 0/,
    ],
    [() => x.gather(1, [3, 0]), /indices\[0\] must be a whole number from 0 to 2, got 3/],
    [() => x.gather(1, Int32Array.of(0, 3)), /indices\[1\] must be a whole number from 0 to 2, got 3/],
    [
      () => x.gather(1, nn.tensor([[0], [-1]], { dtype: 'int32' })),
      /indices\[1\] must be a whole number from 0 to 2, got -1/,
    ],
    [() => x.indexSelect(0, x), /indices must not require a gradient/],
    [() => x.indexSelect(0, []), /indices must have at least one element/],
    [() => x.indexAdd(0, [0], x), /source must have shape \[1, 3\], got \[2, 3\]/],
    [
      () => x.maskedFill(randomTensor([3, 3], 1), 0),
      /mask must have shape \[2, 3\], or lengths of 1 in it, got \[3, 3\]/,
    ],
    [() => x.maskedFill(x, x), /value must be a number or a tensor of shape \[\], got \[2, 3\]/],
    [() => x.topk(4), /k must be at most 3, got 4/],
    [() => nn.tril(nn.tensor([1])), /x must have at least two dimensions, got shape \[1\]/],
    [() => nn.oneHot([3], 3), /indices\[0\] must be a whole number from 0 to 2, got 3/],
  ];
  for (const [run, message] of refused) expect(run).toThrow(message);
});
