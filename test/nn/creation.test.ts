import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import * as nn from '../../src/nn/index.js';

// Tensors from nested arrays and rules, and how they are printed: as PyTorch does (test/golden/printing.py).

interface Printed {
  readonly shape: number[];
  readonly dtype: nn.DType;
  readonly requiresGrad: boolean;
  readonly values: (number | string)[] | number;
  readonly text: string;
}

const path = new URL('../golden/printing.json', import.meta.url);
const printed: Printed[] = JSON.parse(readFileSync(path, 'utf8'));

const words: Record<string, number> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
};

describe('printing', () => {
  it.each(printed.map((one, i) => [i, one] as const))(
    '%i as PyTorch',
    (_, { shape, values, text, ...rest }) => {
      const numbers =
        typeof values === 'number'
          ? Array.from({ length: values }, (_unused, i) => i * 0.37)
          : values.map((x) => (typeof x === 'string' ? (words[x] ?? 0) : x));
      const x = nn.tensor(numbers, shape, rest);
      expect(String(x)).toBe(text);
      expect(inspect(x)).toBe(text);
    },
  );

  it('says what it is called, and what is gone', () => {
    const w = nn.tensor([1, 2.5], { requiresGrad: true, name: 'w' });
    expect(String(w)).toBe('tensor([1.0000, 2.5000], requiresGrad=true, name="w")');
    const y = w.mul(2);
    y.sum().backward();
    expect(String(y)).toBe('tensor(released, shape=[2], requiresGrad=true)');
    expect(inspect({ inner: { w } })).toContain('tensor([1.0000, 2.5000]');
  });
});

describe('nested arrays', () => {
  it('have the shape of their nesting', () => {
    const x = nn.tensor([[[1, 2, 3]], [[4, 5, 6]]]);
    expect([x.shape, [...x.value]]).toEqual([
      [2, 1, 3],
      [1, 2, 3, 4, 5, 6],
    ]);
    expect(nn.tensor(3).shape).toEqual([]);
    expect(nn.tensor([[1, 2]], [2], { dtype: 'float64' }).shape).toEqual([2]);
    expect(nn.tensor([1, 2], undefined, { dtype: 'float64' }).dtype).toBe('float64');
    expect(nn.tensor(Float64Array.of(1, 2), { requiresGrad: true }).requiresGrad).toBe(true);
  });

  it('say where they are ragged', () => {
    const make = (data: unknown) => () => Reflect.apply(nn.tensor, null, [data]);
    expect(make([[1, 2], [3]])).toThrow('data[1] must have 2 elements as those before it, got 1');
    expect(make([[1, 2], 3])).toThrow('data[1] must be an array of 2 as those before it, got 3');
    expect(make([1, [2]])).toThrow('data[1] must be a number, got [2]');
    expect(
      make([
        [[1], [2]],
        [[3], ['4']],
      ]),
    ).toThrow('data[1][1][0] must be a number, got "4"');
    expect(make([[1], Array(1)])).toThrow('data[1][0] must be a number, got undefined');
    expect(make([])).toThrow('shape[0] must be an integer of at least 1, got 0');
  });
});

describe('tensors by rule', () => {
  const list = (x: nn.Tensor) => [...x.value];

  it('have their numbers', () => {
    expect(list(nn.zeros([2]))).toEqual([0, 0]);
    expect(list(nn.ones([2, 1]))).toEqual([1, 1]);
    expect(list(nn.full([2], 3.5))).toEqual([3.5, 3.5]);
    expect(list(nn.arange(3))).toEqual([0, 1, 2]);
    expect(list(nn.arange(1, 2, 0.25, { dtype: 'float64' }))).toEqual([1, 1.25, 1.5, 1.75]);
    expect(list(nn.arange(3, 0, -2))).toEqual([3, 1]);
    expect(list(nn.linspace(0, 1, 5))).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(list(nn.linspace(2, 1, 1))).toEqual([2]);
    // torch.linspace(-1, 0.1, 4, dtype=torch.float64)
    expect(list(nn.linspace(-1, 0.1, 4, { dtype: 'float64' }))).toEqual([
      -1, -0.6333333333333333, -0.2666666666666667, 0.1,
    ]);
    // torch.linspace(-3, 0.7, 7, dtype=torch.float64)
    expect(list(nn.linspace(-3, 0.7, 7, { dtype: 'float64' }))).toEqual([
      -3, -2.3833333333333333, -1.7666666666666666, -1.1500000000000001, -0.5333333333333334,
      0.08333333333333326, 0.7,
    ]);
    expect(list(nn.eye(2))).toEqual([1, 0, 0, 1]);
    expect(nn.eye(2, 3).shape).toEqual([2, 3]);
    expect(list(nn.eye(3, 2))).toEqual([1, 0, 0, 1, 0, 0]);
  });

  it('take options, and those of another tensor', () => {
    const x = nn.tensor(Float64Array.of(1, 2), [1, 2], { requiresGrad: true });
    for (const like of [nn.zerosLike(x), nn.onesLike(x), nn.fullLike(x, 4)]) {
      expect([like.shape, like.dtype, like.requiresGrad]).toEqual([[1, 2], 'float64', false]);
    }
    expect(nn.zerosLike(x, { dtype: 'float32' }).dtype).toBe('float32');
    const w = nn.full([1], 2, { requiresGrad: true, name: 'w', dtype: 'float64' });
    expect([w.requiresGrad, w.name, w.dtype]).toEqual([true, 'w', 'float64']);
  });

  it('are the numbers of their generator', () => {
    const x = nn.rand([2, 3], { generator: new nn.Generator(7) });
    expect(x.value).toEqual(new nn.Generator(7).fillUniform(new Float32Array(6)));
    nn.manualSeed(5);
    const first = nn.randn([4], { dtype: 'float64' });
    expect(first.value).toEqual(new nn.Generator(5).fillNormal(new Float64Array(4)));
    expect(nn.randn([4], { dtype: 'float64' }).value).not.toEqual(first.value);
  });

  it('refuse what makes none', () => {
    expect(() => nn.arange(0)).toThrow('step must lead from 0 towards 0, got 1');
    expect(() => nn.arange(0, 3, -1)).toThrow('step must lead from 0 towards 3, got -1');
    expect(() => nn.arange(0, 3, 0)).toThrow('step must lead from 0 towards 3, got 0');
    expect(() => nn.zeros([0])).toThrow('shape[0] must be an integer of at least 1, got 0');
    expect(() => nn.linspace(0, 1, 0)).toThrow('steps must be an integer of at least 1, got 0');
    expect(() => nn.full([1], Reflect.get({}, 'x'))).toThrow('value must be a number, got undefined');
  });
});
