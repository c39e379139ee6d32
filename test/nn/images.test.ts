import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { currentTarget, targets, useTarget } from '../../src/backend/select.js';
import * as nn from '../../src/nn/index.js';
import { expectClose, expectGradients, poisonPool, randomTensor, weigh } from './helpers.js';

// Layers over images: against PyTorch's numbers (test/golden/images.py), against differences, and what they refuse.

interface Entry {
  readonly shape: number[];
  readonly value: number[];
}

interface Case {
  readonly kind: 'conv2d' | 'maxPool2d' | 'avgPool2d' | 'batchNorm2d' | 'groupNorm';
  readonly options: Record<string, unknown>;
  readonly inputs: Record<string, Entry>;
  readonly output: Entry;
  readonly seed: Entry;
  readonly gradients: Record<string, Entry>;
  readonly running?: Record<string, Entry>;
}

const path = new URL('../golden/images.json', import.meta.url);
const cases: Case[] = JSON.parse(readFileSync(path, 'utf8'));

const initialTarget = currentTarget();
beforeEach(poisonPool);
afterEach(() => {
  vi.restoreAllMocks();
});

const float64 = { dtype: 'float64' } as const;

/** The layer of a case, with its parameters, and what it gives for x. */
function run({ kind, options, running = {} }: Case, leaves: Record<string, nn.Tensor>): nn.Tensor {
  const { x, weight, bias = null } = leaves;
  if (kind === 'conv2d') return Reflect.apply(nn.conv2d, null, [x, weight, { ...options, bias }]);
  if (kind === 'maxPool2d' || kind === 'avgPool2d') return Reflect.apply(nn[kind], null, [x, options]);
  const layer =
    kind === 'batchNorm2d'
      ? new nn.BatchNorm2d(weight.size, { ...options, ...float64 })
      : new nn.GroupNorm(Number(options.groups), weight.size, float64);
  Object.assign(layer, { weight, bias });
  const y = layer.forward(x);
  const state = layer.stateDict();
  for (const [name, { value }] of Object.entries(running)) expectClose(state[name].value, value, name);
  return y;
}

describe.each(targets())('on %s', (target) => {
  it.each(cases.map((test, i) => [`${i} ${test.kind} ${JSON.stringify(test.options)}`, test] as const))(
    'gives what PyTorch gives: %s',
    (_, test) => {
      useTarget(target);
      const leaves = Object.fromEntries(
        Object.entries(test.inputs).map(([name, { shape, value }]) => {
          return [name, nn.tensor(value, shape, { ...float64, requiresGrad: true })];
        }),
      );
      const y = run(test, leaves);
      expect(y.shape).toEqual(test.output.shape);
      expectClose(y.value, test.output.value, 'output');
      y.mul(nn.tensor(test.seed.value, test.seed.shape, float64))
        .sum()
        .backward();
      for (const [name, { value }] of Object.entries(test.gradients)) {
        expectClose(leaves[name].grad ?? [], value, `gradient of ${name}`);
      }
    },
  );
});

describe.each([...new Set([initialTarget, 'typescript'])])('gradients on %s', (target) => {
  beforeAll(() => useTarget(target));

  it.each<[number[], number, nn.Pair, nn.Conv2dOptions]>([
    [[2, 4, 5, 3], 2, 3, { padding: 1 }],
    [[1, 5, 4, 4], 6, [3, 2], { stride: [2, 1], groups: 2, bias: false }],
    [[2, 5, 4, 3], 3, 3, { groups: 3, padding: 'same', dilation: [1, 2] }],
    [[2, 2, 3, 2], 3, 1, {}],
  ])('Conv2d, x %j to %i by %j, %j', (shape, outputs, kernel, options) => {
    const layer = new nn.Conv2d(shape[3], outputs, kernel, {
      ...options,
      ...float64,
      generator: new nn.Generator(5),
    });
    const x = randomTensor(shape, 1);
    // What x adds by itself has its gradient added to.
    expectGradients(() => weigh(layer.forward(x)).add(weigh(x)), [x, ...layer.parameters()]);
    const fused = new nn.Sequential(layer, new nn.Tanh());
    const apart = () => nn.tanh(layer.forward(x));
    expect(fused.forward(x).value).toEqual(apart().value);
    expectGradients(() => weigh(fused.forward(x)), [x, ...layer.parameters()]);
  });

  it('pooling and normalisation', () => {
    const x = randomTensor([2, 5, 6, 4], 1);
    const layers = [
      new nn.MaxPool2d(2),
      new nn.MaxPool2d([3, 2], { stride: 1, padding: 1 }),
      new nn.AvgPool2d([2, 3], { stride: [1, 2], padding: 1, countIncludePad: false }),
      new nn.GlobalAvgPool2d(),
      new nn.Flatten(),
      new nn.BatchNorm2d(4, float64),
      new nn.GroupNorm(2, 4, float64),
    ];
    for (const layer of layers) {
      expectGradients(() => weigh(layer.forward(x)).add(weigh(x)), [x, ...layer.parameters()]);
    }
    expect(new nn.GlobalAvgPool2d().forward(x).shape).toEqual([2, 4]);
    expect(new nn.Flatten().forward(x).shape).toEqual([2, 120]);
  });
});

describe('Conv2d', () => {
  it('starts as PyTorch does, and has channels last', () => {
    const layer = new nn.Conv2d(8, 6, [3, 5], { groups: 2, generator: new nn.Generator(1) });
    expect(layer.weight.shape).toEqual([6, 3, 5, 4]);
    const bound = 1 / Math.sqrt(60);
    for (const { value } of layer.parameters()) {
      const largest = Math.max(...value.map(Math.abs));
      expect(largest).toBeLessThanOrEqual(Math.fround(bound));
      expect(largest).toBeGreaterThan(bound / 2);
    }
    const again = new nn.Conv2d(8, 6, [3, 5], { groups: 2, generator: new nn.Generator(1) });
    expect(again.stateDict()).toEqual(layer.stateDict());
  });

  it('refuses what does not fit', () => {
    const make = (...given: unknown[]) => Reflect.construct(nn.Conv2d, given);
    expect(() => make(0, 1, 3)).toThrow(/inChannels must be an integer of at least 1, got 0/);
    expect(() => make(1, 1, 0)).toThrow(/kernel must be an integer of at least 1, got 0/);
    expect(() => make(1, 1, [3])).toThrow(/kernel must be a number or \[height, width\], got \[3\]/);
    expect(() => make(1, 1, [3, 1.5])).toThrow(/kernel\[1\] must be an integer of at least 1, got 1.5/);
    expect(() => make(3, 4, 3, { groups: 2 })).toThrow(/groups must divide the 3 of inChannels, got 2/);
    expect(() => make(2, 3, 3, { groups: 2 })).toThrow(/groups must divide the 3 of outChannels, got 2/);
    expect(() => make(1, 1, 3, { padding: -1 })).toThrow(/padding must be an integer of at least 0, got -1/);
    expect(() => make(1, 1, 3, { padding: 'full' })).toThrow(/padding must be .*'valid', got "full"/);
    expect(() => make(1, 1, 3, { padding: 'same', stride: 2 })).toThrow(
      /stride must be 1 where padding is 'same', got 2/,
    );
    expect(() => make(1, 1, 3, { stride: 2 ** 31 })).toThrow(/stride must be at most 2147483647/);
    const layer = new nn.Conv2d(2, 3, 3);
    const images = (...shape: number[]) => randomTensor(shape, 1, false);
    expect(() => layer.forward(images(1, 3, 3, 2))).toThrow(/x must be float32/);
    const doubles = new nn.Conv2d(2, 3, 3, float64);
    expect(() => doubles.forward(images(3, 3, 2))).toThrow(
      /x must have shape \[batch, height, width, channels\], got \[3, 3, 2\]/,
    );
    expect(() => doubles.forward(images(1, 3, 3, 4))).toThrow(
      /x must have 2 channels, got shape \[1, 3, 3, 4\]/,
    );
    expect(() => doubles.forward(images(1, 3, 2, 2))).toThrow(
      /x must have a width, with its padding, of at least 3, that of a window; got 2/,
    );
  });
});

describe('functions and pooling', () => {
  it('refuse what does not fit', () => {
    const x = randomTensor([1, 4, 4, 2], 1, false);
    const weight = randomTensor([3, 2, 2, 2], 2, false);
    const call = (f: (...given: never[]) => unknown, ...given: unknown[]) => Reflect.apply(f, null, given);
    expect(() => nn.conv2d(x, randomTensor([3, 8], 1))).toThrow(/weight must have shape \[outputs, kernel/);
    expect(() => nn.conv2d(x, weight, { bias: randomTensor([2], 1) })).toThrow(
      /bias must have shape \[3\], got \[2\]/,
    );
    expect(() => call(nn.conv2d, x, weight, { pad: 1 })).toThrow(
      /conv2d has no option "pad"; did you mean "padding"/,
    );
    expect(() => nn.conv2d(x, weight, { groups: 2 })).toThrow(/groups must divide the 3 of weight, got 2/);
    expect(() => nn.maxPool2d(x, { kernel: 5 })).toThrow(/height, with its padding, of at least 5/);
    expect(() => nn.maxPool2d(x, { kernel: 3, padding: 2 })).toThrow(
      /padding must be at most half of the kernel 3, got 2/,
    );
    expect(() => call(nn.avgPool2d, x, { kernel: 2, ceilMode: 1 })).toThrow(
      /ceilMode must be a boolean, got 1/,
    );
    expect(() => call(nn.avgPool2d, x, { kernel: 2, dilation: 2 })).toThrow(
      /avgPool2d has no option "dilation"; it has kernel/,
    );
    expect(() => new nn.BatchNorm2d(2, float64).forward(randomTensor([4, 2], 1))).toThrow(
      /x must have shape \[batch, height, width, 2\], got \[4, 2\]/,
    );
    expect(() => new nn.BatchNorm2d(2, float64).forward(randomTensor([1, 1, 1, 2], 1))).toThrow(
      /x must have at least 2 pixels to a channel in training/,
    );
    expect(() => new nn.GroupNorm(3, 4)).toThrow(/groups must divide the 4 of channels, got 3/);
    expect(() => new nn.GroupNorm(2, 4, float64).forward(x)).toThrow(/x must have shape \[batch, ..., 4\]/);
  });

  it('maxPool2d takes NaN for the largest', () => {
    const x = nn.tensor([1, Number.NaN, 3, 4], [1, 2, 2, 1], { requiresGrad: true });
    const y = nn.maxPool2d(x, { kernel: 2 });
    expect([...y.value]).toEqual([Number.NaN]);
    y.sum().backward();
    expect([...(x.grad ?? [])]).toEqual([0, 1, 0, 0]);
  });
});
