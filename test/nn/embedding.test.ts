import { describe, expect, it } from 'vitest';
import * as nn from '../../src/nn/index.js';
import { expectGradients } from './helpers.js';

const table = (options: nn.EmbeddingOptions = {}) =>
  new nn.Embedding(6, 3, { generator: new nn.Generator(1), ...options });

describe('Embedding', () => {
  it('looks rows up, of any shape of indices', () => {
    const model = table();
    const rows = (...indices: number[]) =>
      indices.flatMap((row) => [...model.weight.value.subarray(3 * row, 3 * row + 3)]);
    expect([...model.forward([4, 0]).value]).toEqual(rows(4, 0));
    const out = model.forward(nn.tensor([1, 2, 3, 1], [2, 2]));
    expect(out.shape).toEqual([2, 2, 3]);
    expect([...out.value]).toEqual(rows(1, 2, 3, 1));
    expect(nn.embedding(model.weight, nn.tensor([5], [])).shape).toEqual([3]);
  });

  it('starts from the standard normal distribution, with zeros for padding', () => {
    const { weight } = new nn.Embedding(1000, 50, { paddingIndex: 2 });
    const values = [...weight.value];
    const mean = values.reduce((sum, x) => sum + x) / weight.size;
    const variance = values.reduce((sum, x) => sum + x * x) / weight.size;
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(variance - 1)).toBeLessThan(0.03);
    expect(weight.value.subarray(100, 150).every((x) => x === 0)).toBe(true);
    expect(weight.value.subarray(150, 200).every((x) => x !== 0)).toBe(true);
  });

  it('has gradients, with indices that repeat', () => {
    const model = table({ dtype: 'float64' });
    expectGradients(() => nn.sum(nn.square(model.forward([3, 1, 3, 3]))), [model.weight]);
  });

  it.each([true, false])('gives padding no gradient, sparse: %s', (sparse) => {
    const model = table({ sparse, paddingIndex: 1 });
    const weights = nn.tensor(
      Array.from({ length: 12 }, (_, i) => i + 1),
      [4, 3],
    );
    nn.sum(nn.mul(model.forward([1, 5, 1, 2]), weights)).backward();
    const dense = new Float32Array(18);
    dense.set([4, 5, 6], 15);
    dense.set([10, 11, 12], 6);
    if (!sparse) {
      expect(model.weight.grad).toEqual(dense);
      return;
    }
    expect(model.weight.grad).toBeNull();
    expect([...(model.weight.rowGrad?.rows ?? [])]).toEqual([5, 2]);
    expect([...(model.weight.rowGrad?.values ?? [])]).toEqual([4, 5, 6, 10, 11, 12]);
  });

  it('adds up row gradients over calls of backward(), as a dense one does, until zeroGrad()', () => {
    const [sparse, dense] = [table({ sparse: true }), table()];
    const run = (model: nn.Embedding) => {
      for (const indices of [
        [1, 2, 1],
        [2, 5],
      ])
        nn.sum(nn.square(model.forward(indices))).backward();
    };
    run(sparse);
    run(dense);
    const { rowGrad } = sparse.weight;
    const expected = new Float32Array(18);
    for (const [r, row] of (rowGrad?.rows ?? new Int32Array()).entries()) {
      expected.set(rowGrad?.values.subarray(3 * r, 3 * r + 3) ?? [], 3 * row);
    }
    expect(dense.weight.grad).toEqual(expected);
    sparse.zeroGrad();
    expect(sparse.weight.rowGrad?.count).toBe(0);
  });

  it('is frozen by requiresGrad', () => {
    const model = table({ sparse: true });
    model.weight.requiresGrad = false;
    const scale = nn.tensor([2], [1], { requiresGrad: true });
    nn.sum(nn.mul(model.forward([1]), scale)).backward();
    expect(model.weight.rowGrad).toBeNull();
  });

  it.each([
    [[0, 3], /count must be an integer of at least 1/],
    [[6, 3, { sparse: 1 }], /sparse must be a boolean/],
    [[6, 3, { paddingIndex: 6 }], /paddingIndex must be from 0 to 5, got 6/],
    [[6, 3, { padding: 6 }], /Embedding has no option "padding"; did you mean "paddingIndex"/],
    [[6, 3, { generator: {} }], /generator must be a Generator/],
  ])('refuses %#', (args, message) => {
    expect(() => Reflect.construct(nn.Embedding, args)).toThrow(message);
  });

  it('refuses indices that are none', () => {
    expect(() => table().forward([6])).toThrow(/indices\[0\] must be a whole number from 0 to 5, got 6/);
    expect(() => table().forward(nn.tensor([1.5], [1]))).toThrow(/indices\[0\] must be a whole number/);
    expect(() => table().forward(nn.tensor([1], [1], { requiresGrad: true }))).toThrow(/must not require/);
    expect(() => table().forward([])).toThrow(/at least one/);
  });
});
