import { describe, expect, it } from 'vitest';
import * as nn from '../../src/nn/index.js';

const values = (x: nn.Tensor) => [...x.value];

describe('steps and rests', () => {
  it('are those of Python and C', () => {
    const [a, b] = [nn.tensor([5.5, -5.5, 5.5, -5.5, 6]), nn.tensor([2, 2, -2, -2, 0])];
    expect(values(a.remainder(b))).toEqual([1.5, 0.5, -0.5, -1.5, Number.NaN]);
    expect(values(a.fmod(b))).toEqual([1.5, -1.5, 1.5, -1.5, Number.NaN]);
    expect(values(nn.frac(a))).toEqual([0.5, -0.5, 0.5, -0.5, 0]);
    expect(values(nn.round(nn.tensor([0.5, 1.5, -2.5])))).toEqual([0, 2, -2]);
    expect(values(nn.atan2(nn.tensor([1, -1]), nn.tensor([-1, -1])))).toEqual(
      [0.75, -0.75].map((turns) => Math.fround(turns * Math.PI)),
    );
  });
});

describe('what writes in place', () => {
  it('changes the elements, of views too, and returns the tensor', () => {
    const x = nn.tensor([1, 2, 3, 4], [2, 2]);
    const view = x.reshape([4]);
    expect(x.add_(1)).toBe(x);
    expect(values(view)).toEqual([2, 3, 4, 5]);
    expect(
      values(
        x
          .sub_(nn.tensor([1, 2]))
          .mul_(x)
          .div_(2),
      ),
    ).toEqual([0.5, 0.5, 4.5, 4.5]);
    expect(values(x.mul_(2).pow_(2).sqrt_())).toEqual([1, 1, 9, 9]);
    expect(values(x.clamp_({ max: 4 }).neg_().abs_())).toEqual([1, 1, 4, 4]);
    expect(values(x.copy_(nn.tensor([7, 8])))).toEqual([7, 8, 7, 8]);
    expect(values(x.fill_(0.5).round_().exp_())).toEqual([1, 1, 1, 1]);
    expect(values(x.zero_().copy_(x))).toEqual([0, 0, 0, 0]);
    expect(() => x.add_(nn.tensor([1, 2, 3]))).toThrow(
      'other must have shape [2, 2], or lengths of 1 in it, got [3]',
    );
    expect(() => nn.tensor([1]).add_(x)).toThrow(
      'other must have shape [1], or lengths of 1 in it, got [2, 2]',
    );
  });

  it('is refused where a gradient would flow through it', () => {
    const leaf = nn.tensor([1, 2], { requiresGrad: true });
    expect(() => leaf.add_(1)).toThrow(
      /^add_ writes in place, which is not recorded, but a leaf that requires a gradient/,
    );
    expect(() => leaf.mul(2).zero_()).toThrow(
      /^zero_ .* but a value that gradients flow through: use zero\(\)/,
    );
    expect(() => nn.tensor([1, 2]).mul_(leaf)).toThrow(/^mul_ .* but what it takes requires a gradient/);
    expect(values(leaf)).toEqual([1, 2]);
    expect(values(nn.noGrad(() => leaf.add_(1)))).toEqual([2, 3]);
  });

  it('is known to a backward() that needs the value as it was', () => {
    const leaf = nn.tensor([1, 2], { requiresGrad: true });
    const factor = nn.tensor([3, 4]);
    const loss = leaf.mul(factor).sum();
    factor.reshape([2, 1]).add_(1);
    expect(() => loss.backward()).toThrow(/^backward\(\) of mul needs a value of shape \[2\] as it was/);
    const sum = leaf.add(factor).sum();
    factor.zero_();
    sum.backward();
    expect([...(leaf.grad ?? [])]).toEqual([1, 1]);
    const product = leaf.mul(leaf).sum();
    nn.noGrad(() => leaf.zero_());
    expect(() => product.backward()).toThrow(/as it was/);
  });
});
