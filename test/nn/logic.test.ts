import { describe, expect, it } from 'vitest';
import * as nn from '../../src/nn/index.js';

const values = (x: nn.Tensor) => [...x.data];

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

  it('are of bool, and of it and of whole numbers', () => {
    const [mask, count] = [a.ne(0), nn.tensor([0, 3, 2, 0], { dtype: 'int32' })];
    for (const x of [mask.logicalAnd(count), mask.logicalNot(), mask.any(), count.all()]) {
      expect(x.dtype).toBe('bool');
    }
    expect(values(mask.logicalAnd(count.ne(0)))).toEqual([0, 0, 1, 0]);
    expect(values(mask.logicalOr(0))).toEqual([0, 0, 1, 1]);
    expect(values(mask.any({ axes: 0 }))).toEqual([1]);
    expect(values(count.all())).toEqual([0]);
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
    expect(x.argmax().toArray()).toEqual([1, 0]);
    expect(nn.argmax(x, 0).toArray()).toEqual([1, 0, 1]);
    expect(nn.argmin(x).toArray()).toEqual([0, 1]);
  });
});
