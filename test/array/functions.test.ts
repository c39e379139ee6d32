import { describe, expect, it } from 'vitest';
import * as lockstep from '../../src/index.js';

const x = Float32Array.of(3, 1, 2, 6, 5, 4);
const shape = [2, 3];

describe('orders', () => {
  it('sort and topk along axes, and gather what they found', () => {
    const sorted = lockstep.sort(x, { shape });
    expect([...sorted.values]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...sorted.indices]).toEqual([1, 2, 0, 2, 1, 0]);
    expect(lockstep.gather(x, sorted.indices, { shape })).toEqual(sorted.values);
    expect([...lockstep.sort(x, { shape, axis: 0, descending: true }).values]).toEqual([6, 5, 4, 3, 1, 2]);
    const top = lockstep.topk(x, 2, { shape });
    expect([[...top.values], [...top.indices]]).toEqual([
      [3, 2, 6, 5],
      [0, 2, 0, 1],
    ]);
    expect([...lockstep.topk(x, 1, { shape, axis: 0, largest: false }).values]).toEqual([3, 1, 2]);
    const out = new Float32Array(3);
    expect(lockstep.gather(x, Int32Array.of(0, 1, 0), { shape, axis: 0, out })).toBe(out);
    expect([...out]).toEqual([3, 5, 2]);
    expect(() => lockstep.topk(x, 4, { shape })).toThrow('k must be at most 3, got 4');
    expect(() => lockstep.gather(x, Int32Array.of(0, 3), { shape })).toThrow(
      'indices[1] must be a whole number from 0 to 2',
    );
    expect(() => lockstep.gather(x, Int32Array.of(0), { shape })).toThrow(
      'indices must be as many for each of 2 lines of x, got 1',
    );
  });

  it('oneHot', () => {
    expect([...lockstep.oneHot(Int32Array.of(1, 0))]).toEqual([0, 1, 1, 0]);
    expect([...lockstep.oneHot(Int32Array.of(1), 3, { dtype: 'float64' })]).toEqual([0, 1, 0]);
    expect(() => lockstep.oneHot(Int32Array.of(3), 3)).toThrow(
      'indices[0] must be a whole number from 0 to 2, got 3',
    );
  });
});

describe('parts', () => {
  it('stack and split', () => {
    const rows = lockstep.split(x, 1, { shape });
    expect(rows.map((row) => [...row])).toEqual([
      [3, 1, 2],
      [6, 5, 4],
    ]);
    expect(lockstep.split(x, [1, 2], { shape, axis: 1 }).map((part) => [...part])).toEqual([
      [3, 6],
      [1, 2, 5, 4],
    ]);
    expect([...lockstep.stack(rows)]).toEqual([...x]);
    expect([...lockstep.stack(rows, { axis: -1 })]).toEqual([3, 6, 1, 5, 2, 4]);
    expect([...lockstep.stack([x, x], { shape, axis: 1 })]).toEqual([3, 1, 2, 3, 1, 2, 6, 5, 4, 6, 5, 4]);
    expect(() => lockstep.split(x, [1, 1], { shape, axis: 1 })).toThrow('size must have the sum 3');
  });

  it('tril and triu, in place too', () => {
    expect([...lockstep.tril(x, { shape })]).toEqual([3, 0, 0, 6, 5, 0]);
    expect([...lockstep.triu(x, { shape })]).toEqual([3, 1, 2, 0, 5, 4]);
    expect([...lockstep.triu(x, { shape: [3, 2], diagonal: -1 })]).toEqual([3, 1, 2, 6, 0, 4]);
    expect([...lockstep.tril(x, { shape, diagonal: -2 })]).toEqual([0, 0, 0, 0, 0, 0]);
    const own = x.slice();
    expect(lockstep.tril(own, { shape, diagonal: 1, out: own })).toBe(own);
    expect([...own]).toEqual([3, 1, 0, 6, 5, 4]);
  });
});

describe('statistics', () => {
  const y = Float64Array.of(1, 2, 4, 7, 7, 7);

  it('var and std', () => {
    expect(lockstep.var(y)).toBeCloseTo(112 / 15, 12);
    expect(lockstep.var(y, { correction: 0 })).toBeCloseTo(56 / 9, 12);
    expect([...lockstep.var(y, { shape, axes: 1 })]).toEqual([7 / 3, 0].map((v) => expect.closeTo(v, 12)));
    expect([...lockstep.std(y, { shape, axes: 0, correction: 0 })]).toEqual([3, 2.5, 1.5]);
  });

  it('logSumExp', () => {
    expect(lockstep.logSumExp(y)).toBeCloseTo(Math.log([...y].reduce((sum, v) => sum + Math.exp(v), 0)), 12);
    expect([
      ...lockstep.logSumExp(Float32Array.of(1000, 1000, -Infinity, -Infinity), { shape: [2, 2], axes: 1 }),
    ]).toEqual([Math.fround(1000 + Math.LN2), -Infinity]);
  });
});

describe('einsum', () => {
  it('multiplies, sums, permutes and takes diagonals', () => {
    const shapes = [shape, [3, 2]] as const;
    const y = Float32Array.of(1, 2, 3, 4, 5, 6);
    expect([...lockstep.einsum('ij,jk->ik', [x, y], { shapes })]).toEqual([16, 22, 41, 56]);
    expect([...lockstep.einsum('ij->ji', [x], { shapes: [shape] })]).toEqual([3, 6, 1, 5, 2, 4]);
    expect([...lockstep.einsum('ii', [x.subarray(0, 4)], { shapes: [[2, 2]] })]).toEqual([9]);
    expect([...lockstep.einsum('i,j->ij', [x.subarray(0, 2), x.subarray(2, 4)])]).toEqual([6, 18, 2, 6]);
    expect([...lockstep.einsum('i,i,i->', [x, x, y])]).toEqual([9 + 2 + 12 + 144 + 125 + 96]);
  });

  it('writes to out, never hands an input back, and refuses what does not fit', () => {
    const out = new Float32Array(6);
    expect(lockstep.einsum('i->i', [x], { out })).toBe(out);
    expect([...out]).toEqual([...x]);
    expect(lockstep.einsum('i->i', [x])).not.toBe(x);
    expect(() => lockstep.einsum('i->i', [x], { out: x })).toThrow(
      'out must not share memory with arrays[0]',
    );
    expect(() => lockstep.einsum('ij->i', [x])).toThrow(/names 2 dimensions of operand 0/);
    expect(() => lockstep.einsum('i,i->', [x, new Float64Array(6)])).toThrow(
      /arrays\[1\] must be a Float32Array/,
    );
  });
});
