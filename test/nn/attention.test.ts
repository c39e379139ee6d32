import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { currentTarget, targets, useTarget } from '../../src/backend/select.js';
import * as nn from '../../src/nn/index.js';
import { expectClose, expectGradients, randomTensor } from './helpers.js';

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

/** The formula, one head and one query at a time, for q [batch, queries, heads size]. */
function reference(q: nn.Tensor, k: nn.Tensor, v: nn.Tensor, heads: number, causal: boolean): number[] {
  const [batch, queries, columns] = q.shape;
  const [keys, size] = [k.shape[1], columns / heads];
  const rowOf = ({ value }: nn.Tensor, row: number, head: number) =>
    value.subarray(row * columns + head * size, row * columns + (head + 1) * size);
  const out = new Array<number>(q.size).fill(0);
  for (let item = 0; item < batch * heads; item++) {
    const [b, head] = [Math.floor(item / heads), item % heads];
    for (let i = 0; i < queries; i++) {
      const from = rowOf(q, b * queries + i, head);
      const weights = Array.from({ length: causal ? Math.min(i + 1, keys) : keys }, (_, j) => {
        let product = 0;
        for (const [c, x] of rowOf(k, b * keys + j, head).entries()) product += x * from[c];
        return Math.exp(product / Math.sqrt(size));
      });
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (const [j, weight] of weights.entries()) {
        for (const [c, x] of rowOf(v, b * keys + j, head).entries()) {
          out[(b * queries + i) * columns + head * size + c] += (weight / total) * x;
        }
      }
    }
  }
  return out;
}

const initialTarget = currentTarget();

describe.each(targets())('scaledDotProductAttention on %s', (target) => {
  beforeAll(() => useTarget(target));

  // Blocks of queries and keys, and parts of them.
  it.each([
    [[2, 4, 6], 4, 2, false],
    [[2, 4, 6], 5, 3, false],
    [[1, 70, 6], 300, 2, false],
    [[2, 4, 6], 4, 1, true],
    [[1, 300, 4], 300, 2, true],
    [[2, 40, 6], 7, 3, true],
    [[2, 7, 6], 40, 3, true],
  ] as const)('is the formula: query %j, %i keys, %i heads, causal %s', (shape, keys, heads, causal) => {
    const [batch, , columns] = shape;
    const q = randomTensor(shape, 1, false);
    const [k, v] = [2, 3].map((seed) => randomTensor([batch, keys, columns], seed, false));
    const out = nn.scaledDotProductAttention(q, k, v, { heads, causal });
    expect(out.shape).toEqual(shape);
    for (const [i, expected] of reference(q, k, v, heads, causal).entries()) {
      expect(out.value[i]).toBeCloseTo(expected, 12);
    }
  });

  it.each([
    [{ heads: 2, causal: true }],
    [{ scale: 3 }],
    [{ heads: 3, dropout: 0.4 }],
    [{ causal: true, dropout: 0.4 }],
  ])('has gradients: %j', (options) => {
    const [q, k, v] = [randomTensor([2, 35, 6], 1), randomTensor([2, 3, 6], 2), randomTensor([2, 3, 6], 3)];
    const attend = (...inputs: [nn.Tensor, nn.Tensor, nn.Tensor]) =>
      nn.scaledDotProductAttention(...inputs, { ...options, generator: new nn.Generator(7) });
    expectGradients(() => nn.sum(nn.square(attend(q, k, v))), [q, k, v]);
    expectGradients(() => nn.sum(nn.square(attend(k, k, k))).add(nn.sum(k)), [k]);
  });

  it('takes any number of dimensions before the last two', () => {
    const [q, k, v] = [1, 2, 3].map((seed) => randomTensor([2, 3, 4, 5], seed, false));
    const flat = (x: nn.Tensor) => x.reshape([6, 4, 5]);
    const out = nn.scaledDotProductAttention(q, k, v);
    expect(out.shape).toEqual([2, 3, 4, 5]);
    expect(out.value).toEqual(nn.scaledDotProductAttention(flat(q), flat(k), flat(v)).value);
    const [row, key] = [randomTensor([4, 5], 1, false), randomTensor([2, 5], 2, false)];
    expect(nn.scaledDotProductAttention(row, key, key).shape).toEqual([4, 5]);
  });

  it('drops weights, and keeps their mean', () => {
    const rows = 400;
    const [q, v] = [
      randomTensor([1, rows, 2], 1, false),
      nn.tensor(new Float64Array(2 * rows).fill(1), [1, rows, 2]),
    ];
    const attend = (dropout: number, seed = 3) =>
      nn.scaledDotProductAttention(q, q, v, { dropout, generator: new nn.Generator(seed) }).value;
    const out = attend(0.25);
    const meanOf = (numbers: Iterable<number>) => [...numbers].reduce((sum, x) => sum + x, 0) / out.length;
    const mean = meanOf(out);
    expect(Math.abs(mean - 1)).toBeLessThan(0.01);
    // Of `rows` weights of 1 / rows, each kept or not: the deviation of their sum is that of a binomial distribution.
    const deviation = Math.sqrt(meanOf(out.map((x) => (x - mean) ** 2)));
    const expected = Math.sqrt(0.25 / 0.75 / rows);
    expect(deviation / expected).toBeGreaterThan(0.9);
    expect(deviation / expected).toBeLessThan(1.2);
    expect(attend(0.25)).toEqual(out);
    expect(attend(0.25, 4)).not.toEqual(out);
    expect(attend(1)).toEqual(new Float64Array(2 * rows));
  });

  it.each([Float32Array, Float64Array])(
    '%o: what comes after a position does not change a bit of it',
    (Type) => {
      const [heads, columns, all] = [2, 10, 700];
      const [q, k, v] = [1, 2, 3].map((seed) => randomTensor([1, all, columns], seed, false).value);
      const attend = (rows: number) => {
        const part = (x: nn.Tensor['value']) =>
          nn.tensor(Type.from(x.subarray(0, rows * columns)), [1, rows, columns]);
        return nn.scaledDotProductAttention(part(q), part(k), part(v), { heads, causal: true }).value;
      };
      const whole = attend(all);
      for (const rows of [1, 31, 33, 256, 257, 300, 513]) {
        expect(attend(rows)).toEqual(whole.subarray(0, rows * columns));
      }
    },
  );

  it('is stable for scores of any size, and NaN where there is one', () => {
    const q = nn.tensor(Float32Array.of(1e4, -1e4, Number.NaN), [3, 1]);
    const [k, v] = [nn.tensor(Float32Array.of(1e4, -1e4), [2, 1]), nn.tensor(Float32Array.of(2, 5), [2, 1])];
    expect([...nn.scaledDotProductAttention(q, k, v).value]).toEqual([2, 5, Number.NaN]);
  });
});

it('scaledDotProductAttention draws from a generator one word for each weight', () => {
  const generator = new nn.Generator(1);
  const [q, k] = [randomTensor([2, 4, 6], 1), randomTensor([2, 5, 6], 2)];
  nn.scaledDotProductAttention(q, k, k, { heads: 3, dropout: 0.5, generator });
  expect(generator.position).toBe(2 * 3 * 4 * 5);
  nn.scaledDotProductAttention(q, k, k, { heads: 3, generator });
  expect(generator.position).toBe(2 * 3 * 4 * 5);
});

it('scaledDotProductAttention refuses what does not fit', () => {
  const q = randomTensor([2, 4, 6], 1);
  const attend = (...rest: unknown[]) => Reflect.apply(nn.scaledDotProductAttention, null, rest);
  expect(() => attend(q, q, q, { heads: 4 })).toThrow(
    /query must have shape \[\.\.\., queries, 4 size\], got \[2, 4, 6\]/,
  );
  const vector = randomTensor([6], 1);
  expect(() => attend(vector, vector, vector)).toThrow(
    /query must have shape \[\.\.\., queries, size\], got \[6\]/,
  );
  const other = randomTensor([3, 4, 6], 1);
  expect(() => attend(q, other, other)).toThrow(
    /key must have shape \[2, keys, 6\] with a query of \[2, 4, 6\], got \[3, 4, 6\]/,
  );
  expect(() => attend(q, q, randomTensor([2, 5, 6], 1))).toThrow(
    /value must have the shape of key, \[2, 4, 6\], got \[2, 5, 6\]/,
  );
  const single = nn.tensor(new Float32Array(48), [2, 4, 6]);
  expect(() => attend(q, single, single)).toThrow(/key must be float64/);
  expect(() => attend(q, q, q, { dropout: 2 })).toThrow(/dropout must be in \[0, 1\], got 2/);
  expect(() => attend(q, q, q, { mask: q })).toThrow(/scaledDotProductAttention has no option "mask"/);
});

interface Entry {
  readonly shape: number[];
  readonly value: number[];
}

/** See test/golden/README.md. */
interface Case {
  readonly dimension: number;
  readonly heads: number;
  readonly options: nn.MultiHeadAttentionOptions;
  readonly inputs: { readonly x: Entry; readonly context?: Entry };
  readonly parameters: Record<string, Entry>;
  readonly output: Entry;
  readonly seed: Entry;
  readonly gradients: Record<string, Entry>;
}

const path = new URL('../golden/attention.json', import.meta.url);
const cases: Case[] = JSON.parse(readFileSync(path, 'utf8'));

describe('MultiHeadAttention', () => {
  const float64 = { dtype: 'float64' } as const;
  const make = (options: nn.MultiHeadAttentionOptions = {}) =>
    new nn.MultiHeadAttention(6, 2, { ...float64, generator: new nn.Generator(3), ...options });

  it.each(targets().flatMap((target) => cases.map((test, i) => [i, target, test] as const)))(
    'case %i gives what PyTorch gives, on %s',
    (_, target, test) => {
      useTarget(target);
      const model = new nn.MultiHeadAttention(test.dimension, test.heads, { ...test.options, ...float64 });
      model.loadStateDict(
        Object.fromEntries(
          Object.entries(test.parameters).map(([name, { shape, value }]) => [
            name,
            { shape, value: Float64Array.from(value) },
          ]),
        ),
      );
      const leafOf = ({ shape, value }: Entry) => nn.tensor(value, shape, { ...float64, requiresGrad: true });
      const x = leafOf(test.inputs.x);
      const context = test.inputs.context === undefined ? x : leafOf(test.inputs.context);
      const y = model.forward(x, context);
      expect(y.shape).toEqual(test.output.shape);
      expectClose(y.value, test.output.value, 'output');
      y.mul(nn.tensor(test.seed.value, test.seed.shape, float64))
        .sum()
        .backward();
      const leaves = new Map([
        ['x', x],
        ['context', context],
        ...model.parameters().map((leaf) => [leaf.name ?? '', leaf] as const),
      ]);
      for (const [name, { value }] of Object.entries(test.gradients)) {
        expectClose(leaves.get(name)?.grad ?? [], value, `gradient of ${name}`);
      }
    },
  );

  it('has gradients', () => {
    useTarget(initialTarget);
    const model = make({ causal: true });
    const x = randomTensor([2, 3, 6], 1);
    // A constant added to all keys changes nothing: that gradient is zero but for rounding.
    expectGradients(() => nn.sum(nn.square(model.forward(x))), [x, ...model.parameters()]);
  });

  it('drops weights in training only', () => {
    const model = make({ dropout: 0.5 });
    const x = randomTensor([2, 3, 6], 1, false);
    expect(model.forward(x).value).not.toEqual(model.forward(x).value);
    model.eval();
    expect(model.forward(x).value).toEqual(make().forward(x).value);
  });

  it('refuses what does not fit', () => {
    expect(() => new nn.MultiHeadAttention(6, 4)).toThrow(/heads must divide the dimension 6, got 4/);
    expect(() => make({ dropout: -1 })).toThrow(/dropout must be in \[0, 1\], got -1/);
    expect(() => make().forward(randomTensor([4, 6], 1))).toThrow(
      /query must have shape \[batch, positions, 6\], got \[4, 6\]/,
    );
  });
});
