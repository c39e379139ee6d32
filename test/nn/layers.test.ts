import { describe, expect, it } from 'vitest';
import * as nn from '../../src/nn/index.js';
import { randomTensor } from './helpers.js';

/** Plain loops over plain numbers: what the layers must compute. */
const mean = (xs: readonly number[]) => xs.reduce((sum, x) => sum + x, 0) / xs.length;
const variance = (xs: readonly number[]) => mean(xs.map((x) => (x - mean(xs)) ** 2));
const rowsOf = ({ value, shape }: nn.Tensor) => {
  const columns = shape.at(-1) ?? 1;
  return Array.from({ length: value.length / columns }, (_, r) => [
    ...value.slice(r * columns, (r + 1) * columns),
  ]);
};
const columnsOf = (x: nn.Tensor) => rowsOf(x)[0]?.map((_, c) => rowsOf(x).map((row) => row[c])) ?? [];

function expectClose(actual: nn.Tensor, expected: readonly (readonly number[])[], tolerance = 1e-12): void {
  rowsOf(actual).forEach((row, r) => {
    row.forEach((value, c) => {
      expect(Math.abs(value - (expected[r]?.[c] ?? Number.NaN)), `[${r}][${c}]`).toBeLessThan(tolerance);
    });
  });
}

describe('Residual', () => {
  const x = nn.tensor([1, 2, 3, 4], [2, 2]);
  const twice = new nn.Linear(2, 2, { bias: false });
  twice.loadStateDict({ weight: { value: new Float32Array([2, 0, 0, 2]), shape: [2, 2] } });

  it('adds what goes past the body, through the shortcut where there is one', () => {
    expect([...new nn.Residual(twice).forward(x).value]).toEqual([3, 6, 9, 12]);
    const model = new nn.Residual(new nn.ReLU(), { shortcut: twice });
    expect([...model.forward(x).value]).toEqual([3, 6, 9, 12]);
    expect(Object.keys(model.stateDict())).toEqual(['shortcut.weight']);
  });

  it('refuses a body of another shape, which would be repeated, and what is no module', () => {
    expect(() => new nn.Residual(new nn.Linear(2, 1)).forward(x)).toThrow(
      /^body must give the shape \[2, 2\] of x, got \[2, 1\]$/,
    );
    const narrow = new nn.Residual(twice, { shortcut: new nn.Linear(2, 1) });
    expect(() => narrow.forward(x)).toThrow(/^body must give the shape \[2, 1\] of what the shortcut gives/);
    const make = (...given: unknown[]) => Reflect.construct(nn.Residual, given);
    expect(() => make(twice, { shortcut: 3 })).toThrow(/^shortcut must be a Module, got 3$/);
    expect(() => make(twice, { shortCut: twice })).toThrow(
      /^Residual has no option "shortCut"; did you mean "shortcut"\? It has shortcut$/,
    );
  });
});

describe('Linear', () => {
  it('is x weight^T + bias', () => {
    const layer = new nn.Linear(3, 2);
    layer.loadStateDict({
      weight: { value: new Float32Array([1, 2, 3, 4, 5, 6]), shape: [2, 3] },
      bias: { value: new Float32Array([10, 20]), shape: [2] },
    });
    expect([...layer.forward(nn.tensor([1, 0, 0, 1, 1, 1], [2, 3])).value]).toEqual([11, 24, 16, 35]);
  });

  it('starts uniform in +-1 / sqrt(inFeatures), from its seed, whatever the element type', () => {
    const make = (dtype: nn.DType) => new nn.Linear(100, 300, { dtype, generator: new nn.Generator(3) });
    const [single, double] = [make('float32'), make('float64')];
    for (const name of ['weight', 'bias'] as const) {
      const value = double[name]?.value ?? new Float64Array();
      expect(single[name]?.value).toEqual(Float32Array.from(value));
      expect(Math.max(...value)).toBeLessThanOrEqual(0.1);
      expect(Math.max(...value)).toBeGreaterThan(0.095);
      expect(Math.min(...value)).toBeLessThan(-0.095);
      expect(Math.abs(mean([...value]))).toBeLessThan(0.01);
    }
  });

  it.each<[string, () => unknown, RegExp]>([
    ['no inputs', () => new nn.Linear(0, 1), /inFeatures must be an integer of at least 1, got 0/],
    ['half an output', () => new nn.Linear(1, 1.5), /outFeatures must be an integer of at least 1, got 1.5/],
    [
      'x of another width',
      () => new nn.Linear(3, 2).forward(nn.tensor([1, 2], [1, 2])),
      /x must have 3 columns, got shape \[1, 2\]/,
    ],
    [
      'a single number',
      () => new nn.Linear(1, 2).forward(nn.tensor([1], [])),
      /x must have at least one dimension/,
    ],
    [
      'x of another type',
      () => new nn.Linear(1, 1).forward(randomTensor([1], 1)),
      /x must be float32 .* got float64/,
    ],
    [
      'an array',
      () => Reflect.apply(new nn.Linear(1, 1).forward, new nn.Linear(1, 1), [[1]]),
      /x must be a Tensor/,
    ],
    [
      'a wrong generator',
      () => Reflect.construct(nn.Linear, [1, 1, { generator: 5 }]),
      /generator must be a Generator, got 5/,
    ],
    ['a bias of 1', () => Reflect.construct(nn.Linear, [1, 1, { bias: 1 }]), /bias must be a boolean, got 1/],
  ])('refuses %s', (_, run, message) => {
    expect(run).toThrow(message);
  });
});

describe('LayerNorm', () => {
  it('brings each row to mean 0 and variance 1, times weight, plus bias', () => {
    const layer = new nn.LayerNorm(65, { dtype: 'float64', eps: 1e-3 });
    nn.init.normal(layer.weight);
    nn.init.normal(layer.bias);
    const x = randomTensor([3, 65], 1).add(1000);
    const [weight, bias] = [layer.weight.value, layer.bias.value];
    const expected = rowsOf(x).map((row) =>
      row.map((value, c) => ((value - mean(row)) / Math.sqrt(variance(row) + 1e-3)) * weight[c] + bias[c]),
    );
    expectClose(layer.forward(x), expected, 1e-9);
  });

  it('refuses another shape', () => {
    const layer = new nn.LayerNorm([2, 3]);
    expect(() => layer.forward(nn.tensor([1, 2, 3], [1, 3]))).toThrow(
      /x must have shape \[\.\.\., 2, 3\], got \[1, 3\]/,
    );
    expect(() => new nn.LayerNorm([])).toThrow(/normalizedShape must have at least one dimension/);
    expect(() => new nn.LayerNorm(3, { eps: -1 })).toThrow(
      /eps must be a finite number of at least 0, got -1/,
    );
  });
});

describe('RMSNorm', () => {
  it('brings each row to a mean square of 1, times weight', () => {
    const layer = new nn.RMSNorm(65, { dtype: 'float64', eps: 1e-3 });
    nn.init.normal(layer.weight);
    const x = randomTensor([3, 65], 1);
    const weight = layer.weight.value;
    const expected = rowsOf(x).map((row) => {
      const scale = Math.sqrt(mean(row.map((value) => value * value)) + 1e-3);
      return row.map((value, c) => (value / scale) * weight[c]);
    });
    expectClose(layer.forward(x), expected, 1e-9);
    expect(() => layer.forward(nn.tensor([1, 2], [1, 2]))).toThrow(/x must be float64/);
    expect(() => new nn.RMSNorm(2).forward(nn.tensor([1], [1, 1]))).toThrow(
      /x must have shape \[\.\.\., 2\], got \[1, 1\]/,
    );
  });
});

describe('BatchNorm1d', () => {
  const x = randomTensor([5, 3], 1);
  const columns = columnsOf(x);

  it('normalises by the batch in training and moves the running statistics towards it', () => {
    const layer = new nn.BatchNorm1d(3, { dtype: 'float64' });
    const expected = rowsOf(x).map((row) =>
      row.map((value, c) => (value - mean(columns[c])) / Math.sqrt(variance(columns[c]) + 1e-5)),
    );
    expectClose(layer.forward(x), expected);
    expectClose(layer.runningMean, [columns.map((column) => 0.1 * mean(column))]);
    expectClose(layer.runningVar, [columns.map((column) => 0.9 + (0.1 * variance(column) * 5) / 4)]);
  });

  it('normalises by what it has learnt in evaluation, and leaves it', () => {
    const layer = new nn.BatchNorm1d(3, { dtype: 'float64', momentum: 1, eps: 0 });
    layer.forward(x);
    const state = layer.eval().stateDict();
    const y = layer.forward(x.reshape([5, 3]).add(1));
    const expected = rowsOf(x).map((row) =>
      row.map((value, c) => (value + 1 - mean(columns[c])) / Math.sqrt((variance(columns[c]) * 5) / 4)),
    );
    expectClose(y, expected);
    expect(layer.stateDict()).toEqual(state);
    expect(layer.forward(nn.tensor(new Float64Array(3), [1, 3])).shape).toEqual([1, 3]);
  });

  it('refuses one row in training and another width, and leaves the running statistics', () => {
    const layer = new nn.BatchNorm1d(3, { dtype: 'float64' });
    const state = layer.stateDict();
    expect(() => layer.forward(randomTensor([1, 3], 1))).toThrow(/x must have at least 2 rows in training/);
    expect(() => layer.forward(randomTensor([3, 2], 1))).toThrow(
      /x must have shape \[rows, 3\], got \[3, 2\]/,
    );
    expect(() => new nn.BatchNorm1d(3, { momentum: 2 })).toThrow(/momentum must be in \[0, 1\], got 2/);
    expect(layer.stateDict()).toEqual(state);
  });
});

describe('crossEntropy', () => {
  it('is the mean of -log softmax at the label', () => {
    const logits = randomTensor([4, 3], 1);
    const labels = [2, 0, 1, 1];
    const expected = mean(
      rowsOf(logits).map((row, r) => {
        const total = row.reduce((sum, z) => sum + Math.exp(z), 0);
        return -Math.log(Math.exp(row[labels[r] ?? 0] ?? 0) / total);
      }),
    );
    for (const kind of [Int32Array, Uint8Array, Uint16Array, Uint32Array]) {
      expect(nn.crossEntropy(logits, kind.from(labels)).item()).toBeCloseTo(expected, 14);
    }
    expect(nn.crossEntropy(logits, labels).item()).toBeCloseTo(expected, 14);
  });

  it('smooths labels and leaves out rows that are to be ignored, as PyTorch 1.13 does', () => {
    // torch.nn.functional.cross_entropy(x, torch.tensor([2, -7, 0]), ignore_index=-7, label_smoothing=0.1)
    const logits = nn.tensor([1, 2, 3, 0, 0, 9, -1, 0.5, 2], [3, 3], { dtype: 'float64' });
    const loss = nn.crossEntropy(logits, [2, -7, 0], { ignoreIndex: -7, labelSmoothing: 0.1 });
    expect(loss.item()).toBeCloseTo(1.7994586305507687, 12);
    expect(() => nn.crossEntropy(logits, [2, -7, 0])).toThrow(/labels\[1\] must be a whole number/);
    expect(() => nn.crossEntropy(logits, [0, 0, 0], { labelSmoothing: 2 })).toThrow(
      /labelSmoothing must be in \[0, 1\], got 2/,
    );
  });

  it('does not overflow', () => {
    const logits = nn.tensor([1e30, -1e30, 3e38, 3e38, -3e38, -3e38], [3, 2], { requiresGrad: true });
    const loss = nn.crossEntropy(logits, [0, 1, 0]);
    expect(loss.item()).toBeCloseTo((2 * Math.LN2) / 3, 6);
    loss.backward();
    expect([...(logits.grad ?? [])].map((g) => Math.round(g * 3e4) / 1e4)).toEqual([
      0, 0, 0.5, -0.5, -0.5, 0.5,
    ]);
  });

  it('refuses labels that are none, before anything is touched', () => {
    const logits = nn.tensor([1, 2, 3, 4], [2, 2], { requiresGrad: true });
    const run = (labels: unknown) => () => Reflect.apply(nn.crossEntropy, null, [logits, labels]);
    expect(run([0, 2])).toThrow(/labels\[1\] must be a whole number from 0 to 1, got 2/);
    expect(run(new Int32Array([-1, 0]))).toThrow(/labels\[0\] must be a whole number from 0 to 1, got -1/);
    expect(run([0.5, 0])).toThrow(/labels\[0\] must be a whole number from 0 to 1, got 0.5/);
    expect(run(['1', 0])).toThrow(/labels\[0\] must be a whole number from 0 to 1, got "1"/);
    expect(run([0])).toThrow(/labels must have one label for each of 2 rows, got 1/);
    expect(run(new Float32Array(2))).toThrow(/labels must be an Int32Array .* got Float32Array\(2\)/);
    expect(() => nn.crossEntropy(logits.reshape([4]), [0])).toThrow(
      /logits must have shape \[rows, classes\], got \[4\]/,
    );
    expect(logits.grad).toBeNull();
  });
});

describe('mse', () => {
  it('is the mean of squared differences', () => {
    expect(nn.mse(nn.tensor([1, 2, 3]), nn.tensor([1, 0, 0])).item()).toBeCloseTo(13 / 3, 6);
  });

  it('refuses another shape', () => {
    expect(() => nn.mse(nn.tensor([1, 2]), nn.tensor([1, 2], [2, 1]))).toThrow(
      /target must have shape \[2\], got \[2, 1\]/,
    );
  });
});

describe('rows', () => {
  const source = nn.tensor([1, 2, 3, 4, 5, 6], [3, 1, 2]);

  it('gatherRows picks rows, into the same memory where asked', () => {
    expect([...nn.gatherRows(source, [2, 0, 2]).value]).toEqual([5, 6, 1, 2, 5, 6]);
    const out = nn.tensor(new Float32Array(4), [2, 1, 2]);
    expect(nn.gatherRows(source, Int32Array.of(1, 1), { out })).toBe(out);
    expect([...out.value]).toEqual([3, 4, 3, 4]);
  });

  it('gatherRows refuses what does not fit', () => {
    const out = nn.tensor(new Float32Array(4), [2, 2]);
    expect(() => nn.gatherRows(source, [0, 3])).toThrow(
      /indices\[1\] must be a whole number from 0 to 2, got 3/,
    );
    expect(() => nn.gatherRows(source, [0, 1], { out })).toThrow(
      /out must have shape \[2, 1, 2\], got \[2, 2\]/,
    );
    expect(() => nn.gatherRows(source, [0, 1, 2], { out: source.mul(1) })).toThrow(/out must be a leaf/);
    expect(() => nn.gatherRows(nn.tensor([1], [1], { requiresGrad: true }), [0])).toThrow(
      /must not require a gradient/,
    );
  });

  it('argmax takes the first of the largest, and NaN for the largest', () => {
    const x = nn.tensor([1, 3, 3, -5, -4, -9, 1, Number.NaN, 2, Number.NaN, Number.NaN, 7], [4, 3]);
    expect(nn.argmax(x).toArray()).toEqual([1, 1, 1, 0]);
    expect(nn.argmax(x, 0).toArray()).toEqual([3, 2, 3]);
    expect(() => nn.argmax(x, 2)).toThrow(/axis must be/);
  });

  it('accuracy is the share of rows that are right', () => {
    const logits = nn.tensor([1, 2, 2, 1, 0, 9, 5, 4], [4, 2]);
    expect(nn.accuracy(logits, [1, 0, 0, 0])).toBe(0.75);
  });
});

it.each([
  ['Softmax', nn.Softmax, nn.softmax],
  ['LogSoftmax', nn.LogSoftmax, nn.logSoftmax],
] as const)('%s takes its axis by name or alone, as its function does', (_, Layer, run) => {
  const x = nn.tensor([1, 2, 3, 5, 8, 13], [2, 3]);
  const down = [...run(x, { axis: 0 }).value];
  const across = [...run(x).value];
  expect(down).not.toEqual(across);
  for (const y of [run(x, 0), new Layer(0).forward(x), new Layer({ axis: 0 }).forward(x)]) {
    expect([...y.value]).toEqual(down);
  }
  for (const y of [new Layer().forward(x), new Layer(-1).forward(x), run(x, 1)]) {
    expect([...y.value]).toEqual(across);
  }
  expect(() => new Layer(0.5)).toThrow(/axis must be an integer/);
});
