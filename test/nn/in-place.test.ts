import { describe, expect, it } from 'vitest';
import * as nn from '../../src/nn/index.js';

const values = (x: nn.Tensor) => [...x.value];

describe('truth values', () => {
  const [a, b] = [nn.tensor([0, 0, 2, Number.NaN]), nn.tensor([0, -1, 0, 3])];

  it('are 1 and 0; what is not 0 is true', () => {
    expect(values(a.logicalAnd(b))).toEqual([0, 0, 0, 1]);
    expect(values(nn.logicalOr(a, b))).toEqual([0, 1, 1, 1]);
    expect(values(nn.logicalXor(a, b))).toEqual([0, 1, 1, 0]);
    expect(values(nn.logicalXor(a, 1))).toEqual([1, 1, 0, 0]);
    expect(values(nn.logicalNot(a))).toEqual([1, 1, 0, 0]);
    expect(values(a.ge(b))).toEqual([1, 1, 1, 0]);
  });

  it('any and all, over everything and along axes', () => {
    const x = nn.tensor([0, 0, 1, 0, 2, Number.NaN], [3, 2]);
    expect(nn.any(x).item()).toBe(1);
    expect(nn.all(x).item()).toBe(0);
    expect(values(x.any({ axes: 1 }))).toEqual([0, 1, 1]);
    expect(values(x.all({ axes: 1, keepDim: true }))).toEqual([0, 0, 1]);
  });

  it('isNaN, isInf and isFinite', () => {
    const x = nn.tensor([1, Infinity, -Infinity, Number.NaN], { requiresGrad: true });
    expect(values(nn.isNaN(x))).toEqual([0, 0, 0, 1]);
    expect(values(nn.isInf(x))).toEqual([0, 1, 1, 0]);
    expect(values(nn.isFinite(x))).toEqual([1, 0, 0, 0]);
    expect(nn.isFinite(x).requiresGrad).toBe(false);
  });

  it('equal and allClose', () => {
    const x = nn.tensor([1, 2, Infinity]);
    expect(nn.equal(x, x.clone())).toBe(true);
    expect(nn.equal(x, nn.tensor([1, 2, 3]))).toBe(false);
    expect(nn.equal(x, x.reshape([1, 3]))).toBe(false);
    expect(nn.equal(a, a)).toBe(false);
    expect(nn.allClose(x, nn.tensor([1.000001, 2, Infinity]))).toBe(true);
    expect(nn.allClose(x, nn.tensor([1.001, 2, Infinity]))).toBe(false);
    expect(nn.allClose(x, nn.tensor([1.001, 2, Infinity]), { atol: 0.01 })).toBe(true);
    expect(nn.allClose(nn.tensor([1]), nn.tensor([Infinity]))).toBe(false);
    expect(nn.allClose(a, a)).toBe(false);
    expect(nn.allClose(a, a, { equalNaN: true })).toBe(true);
  });

  it('argmax and argmin along any axis', () => {
    const x = nn.tensor([1, 5, 2, 7, 0, 7], [2, 3]);
    expect([...x.argmax()]).toEqual([1, 0]);
    expect([...nn.argmax(x, 0)]).toEqual([1, 0, 1]);
    expect([...nn.argmin(x)]).toEqual([0, 1]);
  });
});

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
