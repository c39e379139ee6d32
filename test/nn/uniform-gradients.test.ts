import { describe, expect, it } from 'vitest';
import * as nn from '../../src/nn/index.js';

// What a sum hands on is one number for all elements. Small whole numbers: everything is exact.

const [x, y, z] = [
  [1, -2, 3, 4],
  [5, 6, -7, 8],
  [2, 4, 1, -1],
];
const leaf = (values: readonly number[]) => nn.tensor(values, { requiresGrad: true });
const times = (a: readonly number[], b: readonly number[]) => a.map((value, i) => value * b[i]);

function gradients(loss: (a: nn.Tensor, b: nn.Tensor) => nn.Tensor): number[][] {
  const [a, b] = [leaf(x), leaf(y)];
  loss(a, b).backward();
  return [a, b].map(({ grad }) => [...(grad ?? [])]);
}

describe('the gradient of a sum', () => {
  it('goes through a product', () => {
    expect(gradients((a, b) => a.mul(b).sum())).toEqual([y, x]);
  });

  it('goes through a quotient', () => {
    const [a, b] = [leaf(x), leaf([1, 2, 4, 8])];
    a.div(b).sum().backward();
    expect([...(a.grad ?? [])]).toEqual([1, 1 / 2, 1 / 4, 1 / 8]);
    expect([...(b.grad ?? [])]).toEqual([-1, 1 / 2, -3 / 16, -1 / 16]);
  });

  it('has the factor of a mean', () => {
    const quarter = (values: readonly number[]) => values.map((value) => value / 4);
    expect(gradients((a, b) => a.mul(b).mean())).toEqual([quarter(y), quarter(x)]);
  });

  // The way back goes through what was computed last first.
  it.each([
    ['before', [1, 0, 0]],
    ['between', [0, 1, 0]],
    ['after', [0, 0, 1]],
  ])('joins another one of its kind, and one that is not: computed %s', (_, kinds) => {
    const weights = nn.tensor(z);
    const expected = [y, x].map((other) => other.map((value, i) => value * (2 + z[i])));
    const all = gradients((a, b) => {
      const product = a.mul(b);
      const parts = kinds.map((kind) => (kind === 1 ? product.mul(weights) : product).sum());
      return parts.reduce((sum, part) => sum.add(part));
    });
    expect(all).toEqual(expected);
  });

  it('is written out for what needs every element', () => {
    const positive = times(x, y).map((product) => (product > 0 ? 1 : 0));
    expect(gradients((a, b) => nn.relu(a.mul(b)).sum())).toEqual([times(y, positive), times(x, positive)]);
    expect(gradients((a, b) => a.mul(b).reshape([2, 2]).sum())).toEqual([y, x]);
  });

  it('is added to that of a leaf', () => {
    expect(gradients((a, b) => a.sum().add(a.sum()).add(b.sum()))).toEqual([x.map(() => 2), y.map(() => 1)]);
  });

  it('is summed over what was repeated, and repeated with it', () => {
    const [row, table] = [leaf([1, 2]), nn.tensor([1, 2, 3, 4, 5, 7], [3, 2], { requiresGrad: true })];
    row.mul(table).sum().backward();
    expect([...(row.grad ?? [])]).toEqual([9, 13]);
    expect([...(table.grad ?? [])]).toEqual([1, 2, 1, 2, 1, 2]);
    const [a, b] = [leaf(x), leaf(y)];
    nn.mul(2, a)
      .sum()
      .add(nn.mul(b, nn.tensor(3)).sum())
      .backward();
    expect([...(a.grad ?? [])]).toEqual([2, 2, 2, 2]);
    expect([...(b.grad ?? [])]).toEqual([3, 3, 3, 3]);
  });
});
