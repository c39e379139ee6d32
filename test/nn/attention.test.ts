import { describe, expect, it } from 'vitest';
import * as nn from '../../src/nn/index.js';
import { expectGradients, randomTensor } from './helpers.js';

describe('bmm', () => {
  it.each([false, true])('is a product for each of the matrices, transposeB: %s', (transposeB) => {
    const [a, b] = [randomTensor([2, 3, 4, 5], 1), randomTensor(transposeB ? [2, 3, 6, 5] : [2, 3, 5, 6], 2)];
    const c = nn.bmm(a, b, { transposeB, scale: 0.5 });
    expect(c.shape).toEqual([2, 3, 4, 6]);
    for (let i = 0; i < 6; i++) {
      const matrix = (x: nn.Tensor, [rows, columns]: number[]) =>
        nn.tensor(x.value.slice((i * x.size) / 6, ((i + 1) * x.size) / 6), [rows ?? 0, columns ?? 0]);
      const right = matrix(b, b.shape.slice(-2));
      const product = matrix(a, [4, 5]).matmul(transposeB ? nn.transpose(right) : right);
      for (const [j, x] of product.value.entries()) expect(c.value[24 * i + j]).toBeCloseTo(0.5 * x, 12);
    }
  });

  it.each([false, true])('has gradients, transposeB: %s', (transposeB) => {
    const [a, b] = [randomTensor([2, 3, 4], 1), randomTensor(transposeB ? [2, 5, 4] : [2, 4, 5], 2)];
    expectGradients(() => nn.sum(nn.square(nn.bmm(a, b, { transposeB, scale: 0.7 }))), [a, b]);
    const square = randomTensor([2, 3, 3], 3);
    expectGradients(() => nn.sum(nn.square(nn.bmm(square, square, { transposeB }))), [square]);
  });

  it('refuses what does not fit', () => {
    const a = randomTensor([2, 3, 4], 1);
    expect(() => nn.bmm(a, randomTensor([3, 4, 5], 1))).toThrow(
      /b must have shape \[2, 4, n\] with a of \[2, 3, 4\], got \[3, 4, 5\]/,
    );
    expect(() => nn.bmm(a, randomTensor([2, 4, 5], 1), { transposeB: true })).toThrow(/\[2, n, 4\]/);
    expect(() => nn.bmm(randomTensor([4], 1), a)).toThrow(/a must have at least two dimensions/);
  });
});

describe('MultiHeadAttention', () => {
  const make = (options: nn.MultiHeadAttentionOptions = {}) =>
    new nn.MultiHeadAttention(6, 2, { dtype: 'float64', generator: new nn.Generator(3), ...options });

  /** The formula, one head and one position at a time. */
  function reference(model: nn.MultiHeadAttention, x: nn.Tensor, context: nn.Tensor): number[] {
    const rows = (layer: nn.Linear, from: nn.Tensor) => layer.forward(from.reshape([-1, 6])).value;
    const [q, k, v] = [rows(model.query, x), rows(model.key, context), rows(model.value, context)];
    const [batch = 0, positions = 0] = x.shape;
    const others = context.shape[1] ?? 0;
    const joined = new Float64Array(x.size);
    for (let b = 0; b < batch; b++) {
      for (let head = 0; head < 2; head++) {
        for (let i = 0; i < positions; i++) {
          const at = (6 * (b * positions + i) + 3 * head) | 0;
          const scores = Array.from({ length: model.causal ? i + 1 : others }, (_, j) => {
            const to = 6 * (b * others + j) + 3 * head;
            const dot = [0, 1, 2].reduce((sum, c) => sum + (q[at + c] ?? 0) * (k[to + c] ?? 0), 0);
            return Math.exp(dot / Math.sqrt(3));
          });
          const total = scores.reduce((sum, score) => sum + score, 0);
          for (const [j, score] of scores.entries()) {
            const from = 6 * (b * others + j) + 3 * head;
            for (const c of [0, 1, 2])
              joined[at + c] = (joined[at + c] ?? 0) + (score / total) * (v[from + c] ?? 0);
          }
        }
      }
    }
    return [...model.output.forward(nn.tensor(joined, [batch * positions, 6])).value];
  }

  it.each([
    ['all positions', {}],
    ['those before', { causal: true }],
  ])('attends to %s', (_, options) => {
    const model = make(options);
    const x = randomTensor([2, 4, 6], 1, false);
    const out = model.forward(x);
    expect(out.shape).toEqual([2, 4, 6]);
    for (const [i, expected] of reference(model, x, x).entries())
      expect(out.value[i]).toBeCloseTo(expected, 12);
  });

  it('attends to another sequence', () => {
    const model = make();
    const [x, context] = [randomTensor([2, 4, 6], 1, false), randomTensor([2, 5, 6], 2, false)];
    const out = model.forward(x, context);
    for (const [i, expected] of reference(model, x, context).entries()) {
      expect(out.value[i]).toBeCloseTo(expected, 12);
    }
  });

  it('has gradients', () => {
    const model = make({ causal: true });
    const x = randomTensor([2, 3, 6], 1);
    // A constant added to all keys changes nothing: that gradient is zero but for rounding.
    expectGradients(() => nn.sum(nn.square(model.forward(x))), [x, ...model.parameters()]);
  });

  it('refuses what does not fit', () => {
    expect(() => new nn.MultiHeadAttention(6, 4)).toThrow(/heads must divide the dimension 6, got 4/);
    expect(() => make().forward(randomTensor([4, 6], 1))).toThrow(
      /x must have shape \[batch, positions, 6\], got \[4, 6\]/,
    );
  });
});
