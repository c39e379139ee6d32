import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { currentTarget, targets, useTarget } from '../../src/backend/select.js';
import * as nn from '../../src/nn/index.js';
import { expectClose, expectGradients, poisonPool, randomTensor, weigh } from './helpers.js';

// Layers over sequences, and those of images that test/nn/images.test.ts does not have: against PyTorch's numbers
// (test/golden/layers.py), against differences, and what they refuse.

interface Entry {
  readonly shape: number[];
  readonly value: number[];
}

interface Case {
  readonly kind: string;
  readonly options: Record<string, unknown>;
  readonly inputs: Record<string, Entry>;
  readonly output: Entry;
  readonly seed: Entry;
  readonly gradients: Record<string, Entry>;
  /** What is trained on before. */
  readonly batches?: readonly Entry[];
}

const path = new URL('../golden/layers.json', import.meta.url);
const cases: Case[] = JSON.parse(readFileSync(path, 'utf8'));

const initialTarget = currentTarget();
beforeEach(poisonPool);
afterEach(() => {
  vi.restoreAllMocks();
});

const float64 = { dtype: 'float64' } as const;

/** What the function, or the layer, of a case gives for its leaves. */
function run({ kind, options, batches }: Case, leaves: Record<string, nn.Tensor>): nn.Tensor {
  const { x, x1, x2, weight, bias = null } = leaves;
  const call = (...given: unknown[]): nn.Tensor => Reflect.apply(Reflect.get(nn, kind), null, given);
  if (kind.startsWith('adaptive')) return call(x, options.outputSize);
  if (kind === 'bilinear') return call(x1, x2, weight, { bias });
  if (kind.startsWith('conv')) return call(x, weight, { ...options, bias });
  if (!kind.endsWith('Norm1d') && !kind.endsWith('Norm2d')) return call(x, options);
  const layer: nn.InstanceNorm2d = Reflect.construct(Reflect.get(nn, kind), [
    x.shape.at(-1),
    { ...options, ...float64 },
  ]);
  if (batches !== undefined) {
    for (const { shape, value } of batches) layer.forward(nn.tensor(value, shape, float64));
    return layer.eval().forward(x);
  }
  return Object.assign(layer, { weight, bias }).forward(x);
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

const made = { ...float64, generator: new nn.Generator(5) };

describe.each([...new Set([initialTarget, 'typescript'])])('gradients on %s', (target) => {
  beforeAll(() => useTarget(target));

  it.each<[string, number[], nn.Module]>([
    ['Conv1d', [2, 5, 4], new nn.Conv1d(4, 6, 3, { padding: 1, groups: 2, ...made })],
    ['ConvTranspose1d', [2, 3, 4], new nn.ConvTranspose1d(4, 6, 3, { stride: 2, groups: 2, ...made })],
    ['ConvTranspose2d', [1, 2, 3, 2], new nn.ConvTranspose2d(2, 3, [3, 2], { stride: [2, 1], ...made })],
    ['MaxPool1d', [2, 6, 3], new nn.MaxPool1d(2)],
    ['AvgPool1d', [2, 6, 3], new nn.AvgPool1d(3, { stride: 2 })],
    ['AdaptiveAvgPool1d', [2, 7, 3], new nn.AdaptiveAvgPool1d(3)],
    ['AdaptiveAvgPool2d', [1, 5, 4, 2], new nn.AdaptiveAvgPool2d([3, null])],
    ['AdaptiveMaxPool1d', [2, 7, 3], new nn.AdaptiveMaxPool1d(3)],
    ['AdaptiveMaxPool2d', [1, 5, 4, 2], new nn.AdaptiveMaxPool2d([3, null])],
    ['Upsample, nearest', [1, 2, 3, 2], new nn.Upsample({ scaleFactor: [2, 1.5] })],
    ['Upsample, bilinear', [1, 2, 3, 2], new nn.Upsample({ size: [5, 4], mode: 'bilinear' })],
    ['Upsample, linear', [2, 3, 2], new nn.Upsample({ size: 5, mode: 'linear', alignCorners: true })],
    ['InstanceNorm1d', [2, 4, 3], new nn.InstanceNorm1d(3, { affine: true, ...float64 })],
    ['InstanceNorm2d', [1, 3, 2, 3], new nn.InstanceNorm2d(3, float64)],
    ['BatchNorm1d', [2, 3, 2], new nn.BatchNorm1d(2, float64)],
    ['Flatten', [2, 3, 2], new nn.Flatten({ startDim: 0, endDim: 1 })],
    ['Unflatten', [2, 6], new nn.Unflatten(1, [3, -1])],
  ])('%s, x %j', (_, shape, layer) => {
    const x = randomTensor(shape, 1);
    // What x adds by itself has its gradient added to.
    expectGradients(() => weigh(layer.forward(x)).add(weigh(x)), [x, ...layer.parameters()]);
  });

  it('GroupNorm over many places is LayerNorm of its groups', () => {
    const [batch, places, groups, channels] = [1, 260, 2, 33];
    const x = randomTensor([batch, places, groups * channels], 1);
    const apart = nn.permute(x.reshape([batch, places, groups, channels]), { axes: [0, 2, 1, 3] });
    const rows = new nn.LayerNorm([places, channels], float64).forward(apart);
    const expected = nn.permute(rows, { axes: [0, 2, 1, 3] }).reshape(x.shape);
    const actual = new nn.GroupNorm(groups, groups * channels, float64).forward(x);
    expectClose(actual.value, [...expected.value], 'y');
    weigh(expected).backward();
    const gradient = x.grad ?? [];
    x.grad = null;
    weigh(actual).backward();
    expectClose(x.grad ?? [], [...gradient], 'gradient of x');
  });

  it('Bilinear', () => {
    const [x1, x2] = [randomTensor([2, 3], 1), randomTensor([2, 4], 2)];
    const layer = new nn.Bilinear(3, 4, 2, made);
    expectGradients(() => weigh(layer.forward(x1, x2)), [x1, x2, ...layer.parameters()]);
  });

  it.each([
    ['Conv1d', [2, 9, 4], new nn.Conv1d(4, 3, 3, made)],
    ['ConvTranspose2d', [2, 3, 3, 4], new nn.ConvTranspose2d(4, 3, 3, { stride: 2, ...made })],
  ] as const)('%s applies the activation behind it in passing', (_, shape, layer) => {
    const x = randomTensor(shape, 1);
    for (const activation of [new nn.ReLU(), new nn.GELU()]) {
      const fused = new nn.Sequential(layer, activation);
      expect(nn.noGrad(() => fused.forward(x)).value).toEqual(activation.forward(layer.forward(x)).value);
      expectGradients(() => weigh(fused.forward(x)), [x, ...layer.parameters()]);
    }
  });

  it('Dropout1d and Dropout2d drop channels', () => {
    const choices: [nn.Dropout, number[]][] = [
      [new nn.Dropout1d(0.5), [6, 5, 9]],
      [new nn.Dropout2d({ probability: 0.5, generator: new nn.Generator(3) }), [6, 3, 2, 9]],
    ];
    for (const [layer, shape] of choices) {
      const x = nn.ones(shape, { ...float64, requiresGrad: true });
      const y = layer.forward(x);
      const values = y.value.slice();
      y.sum().backward();
      expect(x.grad).toEqual(values);
      const [pixels, channels] = [shape.slice(1, -1).reduce((a, b) => a * b), 9];
      const dropped = new Set<number>();
      values.forEach((value, i) => {
        const sample = Math.floor(i / (pixels * channels));
        expect(value).toBe(values[sample * pixels * channels + (i % channels)]);
        dropped.add(value);
      });
      expect([...dropped].sort()).toEqual([0, 2]);
      expect(layer.eval().forward(x)).toBe(x);
      layer.train();
    }
  });
});

describe('layers', () => {
  it('start as PyTorch does, and have channels last', () => {
    const bounded = (layer: nn.AnyModule, bound: number) => {
      for (const { value } of layer.parameters()) {
        const largest = Math.max(...value.map(Math.abs));
        expect(largest).toBeLessThanOrEqual(Math.fround(bound));
        expect(largest).toBeGreaterThan(bound / 2);
      }
    };
    const generator = new nn.Generator(1);
    const conv = new nn.Conv1d(8, 6, 5, { groups: 2, generator });
    expect(conv.weight.shape).toEqual([6, 5, 4]);
    bounded(conv, 1 / Math.sqrt(20));
    const back = new nn.ConvTranspose2d(6, 8, [3, 5], { groups: 2, generator });
    expect([back.weight.shape, back.bias?.shape]).toEqual([[6, 3, 5, 4], [8]]);
    bounded(back, 1 / Math.sqrt(60));
    const line = new nn.ConvTranspose1d(4, 6, 3, { generator });
    expect([line.weight.shape, line.bias?.shape]).toEqual([[4, 3, 6], [6]]);
    bounded(line, 1 / Math.sqrt(18));
    const bilinear = new nn.Bilinear(9, 4, 5, { generator });
    expect([bilinear.weight.shape, bilinear.bias?.shape]).toEqual([[5, 9, 4], [5]]);
    bounded(bilinear, 1 / 3);
    expect(new nn.InstanceNorm2d(3).parameters()).toEqual([]);
    expect(new nn.InstanceNorm2d(3, { affine: true }).parameters()).toHaveLength(2);
  });

  it('do not mind large numbers that differ little', () => {
    const x = nn.tensor(Float32Array.from({ length: 512 }, (_, i) => 1e4 + (i % 7) / 64));
    for (const groups of [1, 4]) {
      const y = new nn.GroupNorm(groups, 4).forward(x.reshape([2, 64, 4])).detach();
      expect(Math.abs(y.mean().item())).toBeLessThan(0.02);
      expect(nn.square(y).mean().item()).toBeCloseTo(1, 1);
    }
  });

  it('refuse what does not fit', () => {
    const make = (name: string, ...given: unknown[]) => Reflect.construct(Reflect.get(nn, name), given);
    const call = (f: (...given: never[]) => unknown, ...given: unknown[]) => Reflect.apply(f, null, given);
    const [line, image] = [randomTensor([1, 4, 2], 1), randomTensor([1, 4, 4, 2], 1)];
    expect(() => make('Conv1d', 1, 1, [3])).toThrow(/kernel must be a number, got \[3\]/);
    expect(() => make('Conv1d', 2, 3, 3, { padding: 'all' })).toThrow(/padding must be a number/);
    expect(() => new nn.Conv1d(2, 3, 5, float64).forward(line)).toThrow(
      /x must have a length, with its padding, of at least 5, that of a window; got 4/,
    );
    expect(() => new nn.Conv1d(2, 3, 3, float64).forward(image)).toThrow(
      /x must have shape \[batch, length, channels\], got \[1, 4, 4, 2\]/,
    );
    expect(() => nn.conv1d(line, image)).toThrow(/weight must have shape \[outputs, kernel, channels/);
    expect(() => nn.maxPool1d(line, { kernel: 2, padding: 2 })).toThrow(/padding must be at most half/);
    expect(() => make('ConvTranspose2d', 2, 3, 3, { padding: 'same' })).toThrow(/padding must be a number/);
    expect(() => make('ConvTranspose2d', 2, 3, 3, { groups: 2 })).toThrow(/groups must divide the 3/);
    const transposed = (options: nn.ConvTranspose2dOptions) =>
      new nn.ConvTranspose2d(2, 3, 3, { ...float64, ...options }).forward(image);
    expect(() => transposed({ outputPadding: 1 })).toThrow(/outputPadding must be less than the stride/);
    expect(() => transposed({ padding: 3 })).toThrow(/padding must leave an output, got \[3, 3\]/);
    expect(() => nn.convTranspose1d(line, randomTensor([3, 2, 2], 1))).toThrow(/x must have 3 channels/);
    expect(() => nn.convTranspose1d(line, image)).toThrow(/weight must have shape \[channels, kernel, out/);
    expect(() => new nn.BatchNorm1d(2, float64).forward(image)).toThrow(/x must have shape \[rows, 2\]/);
    expect(() => new nn.BatchNorm1d(2, float64).forward(randomTensor([1, 1, 2], 1))).toThrow(
      /x must have at least 2 elements to a channel in training/,
    );
    expect(() => new nn.InstanceNorm1d(2, float64).forward(randomTensor([3, 1, 2], 1))).toThrow(
      /x must have more than one length in training, got shape \[3, 1, 2\]/,
    );
    expect(() => new nn.InstanceNorm2d(2, float64).forward(line)).toThrow(
      /x must have shape \[batch, height, width, 2\], got \[1, 4, 2\]/,
    );
    expect(() => make('AdaptiveAvgPool2d', [1, 2, 3])).toThrow(/outputSize must be a number or \[height/);
    expect(() => make('AdaptiveAvgPool1d', null)).toThrow(/outputSize must be a number, got null/);
    expect(() => call(nn.interpolate, image, {})).toThrow(/interpolate takes either size or scaleFactor/);
    expect(() => nn.interpolate(image, { size: 2, alignCorners: true })).toThrow(/alignCorners is for/);
    expect(() => nn.interpolate(image, { scaleFactor: 0.1 })).toThrow(/scaleFactor must give lengths from 1/);
    expect(() => nn.interpolate(image, { scaleFactor: -1 })).toThrow(/scaleFactor must be a finite number/);
    expect(() => nn.interpolate(line, { size: 2, mode: 'bilinear' })).toThrow(/x must have shape \[batch, h/);
    expect(() => call(nn.interpolate, image, { size: 2, mode: 'bicubic' })).toThrow(/mode must be one of/);
    expect(() => new nn.Dropout2d().forward(line)).toThrow(/x must have shape \[batch, height, width/);
    const weight = randomTensor([3, 2, 2], 1);
    expect(() => nn.bilinear(line, randomTensor([1, 3, 2], 1), weight)).toThrow(
      /x2 must have shape \[1, 4, 2\]/,
    );
    expect(() => nn.bilinear(line, line, image)).toThrow(
      /weight must have shape \[outputs, inputs1, inputs2/,
    );
    expect(() => new nn.Flatten({ startDim: 2, endDim: 1 }).forward(line)).toThrow(
      /startDim must not be beh/,
    );
    expect(() => make('Unflatten', 1, [-1, -1])).toThrow(/unflattenedSize must be lengths of at least 1/);
    expect(() => new nn.Unflatten(1, [3, -1]).forward(line)).toThrow(/x must have a dimension 1 of the elem/);
    expect(new nn.Unflatten(-1, [2, 1]).forward(line).shape).toEqual([1, 4, 2, 1]);
    expect(new nn.Flatten().forward(randomTensor([3], 1)).shape).toEqual([3, 1]);
  });
});
