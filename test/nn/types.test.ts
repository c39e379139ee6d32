// Tensors of whole numbers and booleans: indices, labels and masks.
import { describe, expect, it, test } from 'vitest';
import { targets, useTarget } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';

const ints = () =>
  nn.tensor(
    [
      [1, 2, 3],
      [4, 5, -6],
    ],
    { dtype: 'int32' },
  );
const mask = () =>
  nn.tensor([
    [true, false, true],
    [false, false, true],
  ]);

describe('tensor()', () => {
  it('takes the type of the data, or that asked for', () => {
    const made: [nn.Tensor, nn.TensorDType, ArrayLike<number>][] = [
      [nn.tensor([1, 2], { dtype: 'int32' }), 'int32', Int32Array.of(1, 2)],
      [nn.tensor(Int32Array.of(1, 2)), 'int32', Int32Array.of(1, 2)],
      [nn.tensor(Uint8Array.of(1, 2)), 'uint8', Uint8Array.of(1, 2)],
      [nn.tensor(Uint8Array.of(0, 2), { dtype: 'bool' }), 'bool', Uint8Array.of(0, 1)],
      [nn.tensor([true, false]), 'bool', Uint8Array.of(1, 0)],
      [nn.tensor([0, -0.5], { dtype: 'bool' }), 'bool', Uint8Array.of(0, 1)],
      [nn.tensor([true, false], { dtype: 'float64' }), 'float64', Float64Array.of(1, 0)],
      [nn.ones([2], { dtype: 'int32' }), 'int32', Int32Array.of(1, 1)],
      [nn.arange(2, 4, 1, { dtype: 'uint8' }), 'uint8', Uint8Array.of(2, 3)],
      [nn.zerosLike(mask()), 'bool', new Uint8Array(6)],
    ];
    for (const [tensor, dtype, data] of made) {
      expect(tensor.dtype).toBe(dtype);
      expect(tensor.data).toEqual(data);
    }
    const own = Int32Array.of(1);
    expect(nn.tensor(own).data).toBe(own);
  });

  it('refuses numbers that are none of the type, a mixture, and gradients', () => {
    expect(() => nn.tensor([1, 2.5], { dtype: 'int32' })).toThrow(
      'data must be whole numbers within int32, got 2.5 at 1',
    );
    expect(() => nn.tensor([256], { dtype: 'uint8' })).toThrow('within uint8, got 256 at 0');
    expect(() => nn.tensor([true, 1])).toThrow('data[1] must be a boolean, got 1');
    expect(() => nn.tensor([1], { dtype: 'int32', requiresGrad: true })).toThrow(
      /^int32 tensors .* nor have they grad/,
    );
    expect(() => mask().value).toThrow('value is for tensors of floats: take data of this one, of bool');
  });
});

it('prints as PyTorch does', () => {
  expect(String(ints())).toBe('tensor([[ 1,  2,  3],\n        [ 4,  5, -6]], dtype=int32)');
  expect(String(mask())).toBe('tensor([[ True, False,  True],\n        [False, False,  True]])');
  expect(String(nn.tensor([0, 255], { dtype: 'uint8' }))).toBe('tensor([  0, 255], dtype=uint8)');
});

it('gives its elements', () => {
  expect(ints().toArray()).toEqual([
    [1, 2, 3],
    [4, 5, -6],
  ]);
  expect(mask().toArray()).toEqual([
    [true, false, true],
    [false, false, true],
  ]);
  expect(nn.tensor([[[1.5]], [[2]]]).toArray()).toEqual([[[1.5]], [[2]]]);
  expect([nn.tensor(7, { dtype: 'int32' }).item(), nn.tensor(true).item()]).toEqual([7, 1]);
  expect([nn.tensor(2.5).toArray(), nn.tensor(true).toArray()]).toEqual([2.5, true]);
});

test('what is computed with refuses it', () => {
  const [a, m] = [ints(), mask()];
  for (const run of [
    () => m.add(1),
    () => nn.exp(m),
    () => a.sum(),
    () => nn.div(a, a),
    () => nn.fmod(a, 2),
    () => a.matmul(nn.transpose(a)),
  ]) {
    expect(run).toThrow(/^(int32|bool) tensors are not computed with.*use \.to\('float32'\)$/);
  }
  expect(() => nn.add(nn.ones([2, 3]), m)).toThrow('must be float32 like the tensor it meets, got bool');
});

describe.each(targets())('on %s', (target) => {
  it('is converted', () => {
    useTarget(target);
    const x = nn.tensor([-1.5, 0, 2.9, 300]);
    expect(x.int().data).toEqual(Int32Array.of(-1, 0, 2, 300));
    expect(x.byte().data).toEqual(Uint8Array.of(255, 0, 2, 44));
    expect(x.bool().data).toEqual(Uint8Array.of(1, 0, 1, 1));
    expect(x.bool().dtype).toBe('bool');
    expect(x.int().double().data).toEqual(Float64Array.of(-1, 0, 2, 300));
    expect(nn.tensor(Uint8Array.of(0, 200)).float().data).toEqual(Float32Array.of(0, 200));
    expect(nn.tensor(Uint8Array.of(0, 200)).bool().int().data).toEqual(Int32Array.of(0, 1));
    expect(mask().byte().data).toEqual(mask().data);
    expect(x.to('float32')).toBe(x);
    expect(mask().float().sum().item()).toBe(3);
    expect(() => x.to(Object('half'))).toThrow('dtype must be one of float32, ');
  });

  it('of int32 is added, multiplied and compared as whole numbers, modulo 2^32', () => {
    useTarget(target);
    const a = nn.tensor(Int32Array.of(7, -7, 2 ** 31 - 1, 65537));
    const b = nn.tensor([[2], [-3]], { dtype: 'int32' });
    expect(a.add(1).data).toEqual(Int32Array.of(8, -6, -(2 ** 31), 65538));
    expect(a.sub(2).data).toEqual(Int32Array.of(5, -9, 2 ** 31 - 3, 65535));
    expect(a.mul(65537).data).toEqual(Int32Array.of(458759, -458759, 2147418111, 131073));
    expect(nn.mul(a, b).toArray()).toEqual([
      [14, -14, -2, 131074],
      [-21, 21, -2147483645, -196611],
    ]);
    expect(nn.maximum(a, b).toArray()).toEqual([
      [7, 2, 2 ** 31 - 1, 65537],
      [7, -3, 2 ** 31 - 1, 65537],
    ]);
    expect(nn.remainder(a, b).toArray()).toEqual([
      [1, 1, 1, 1],
      [-2, -1, -2, -1],
    ]);
    expect([a.neg().data, nn.abs(a).data, nn.square(b).dtype]).toEqual([
      Int32Array.of(-7, 7, 1 - 2 ** 31, -65537),
      Int32Array.of(7, 7, 2 ** 31 - 1, 65537),
      'int32',
    ]);
    expect(() => a.add(0.5)).toThrow('other must be a whole number within int32, got 0.5');
  });

  it('is picked by a mask', () => {
    useTarget(target);
    const x = nn.tensor(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      { requiresGrad: true },
    );
    const picked = x.maskedSelect(x.gt(2).logicalAnd(x.lt(6)));
    expect(picked.toArray()).toEqual([3, 4, 5]);
    picked.mul(picked).sum().backward();
    expect(x.grad).toEqual(Float32Array.of(0, 0, 6, 8, 10, 0));
    expect(nn.maskedSelect(ints(), nn.tensor([[0], [Number.NaN]])).toArray()).toEqual([4, 5, -6]);
    expect(nn.maskedSelect(nn.tensor([[1], [2]]), nn.tensor([true, false, true])).toArray()).toEqual([
      1, 1, 2, 2,
    ]);
    expect(() => nn.maskedSelect(x, x.gt(9))).toThrow('mask must have an element that is not 0, got none');
    expect(() => nn.maskedSelect(x, nn.ones([4]))).toThrow(/x and mask must have equal shapes/);
  });

  it('has gradients between floats alone', () => {
    useTarget(target);
    const x = nn.tensor([1, 2, 3], { requiresGrad: true });
    x.double()
      .mul(nn.tensor([1, 2, 4], { dtype: 'float64' }))
      .sum()
      .backward();
    expect(x.grad).toEqual(Float32Array.of(1, 2, 4));
    expect(x.int().requiresGrad).toBe(false);
  });

  it('moves as floats do', () => {
    useTarget(target);
    const moves: ((x: nn.Tensor) => nn.Tensor)[] = [
      (x) => x.reshape([3, 2]),
      (x) => x.slice(1, 0, 3, 2),
      (x) => nn.cat([x, x.flip(0)], 1),
      (x) => nn.stack([x, x]),
      (x) => nn.transpose(x),
      (x) => nn.permute(x.reshape([1, 2, 3]), { axes: [2, 0, 1] }),
      (x) => x.indexSelect(1, nn.tensor([2, 0], { dtype: 'int32' })),
      (x) => x.gather(1, nn.tensor([[2], [0]], { dtype: 'int32' })),
      (x) => x.roll(1, 1).expand([2, 2, 3]).clone(),
      (x) => x.unsqueeze(0).squeeze().tile([1, 2]),
      (x) => nn.gatherRows(x, [1, 0, 1]),
    ];
    for (const move of moves) {
      for (const x of [ints(), mask(), nn.tensor(Uint8Array.of(9, 8, 7, 6, 5, 4), [2, 3])]) {
        const moved = move(x);
        expect([moved.dtype, moved.float().toArray()]).toEqual([x.dtype, move(x.float()).toArray()]);
      }
    }
  });

  it('is compared, and chooses', () => {
    useTarget(target);
    const a = ints();
    expect(nn.gt(a, 2).toArray()).toEqual([
      [false, false, true],
      [true, true, false],
    ]);
    expect(nn.eq(a, nn.tensor([1, 5, -6], { dtype: 'int32' })).toArray()).toEqual([
      [true, false, false],
      [false, true, true],
    ]);
    expect(() => nn.eq(a, 1.5)).toThrow('b must be a whole number within int32, got 1.5');
    const x = nn.tensor(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      { requiresGrad: true },
    );
    const chosen = nn.where(mask(), x, nn.mul(x, 10));
    chosen.sum().backward();
    expect(x.grad).toEqual(Float32Array.of(1, 10, 1, 10, 10, 1));
    expect(x.detach().maskedFill(mask(), -1).toArray()).toEqual([
      [-1, 2, -1],
      [4, 5, -1],
    ]);
    const row = nn.tensor([true, false, false]);
    expect(x.detach().maskedFill(row, 0).toArray()).toEqual([
      [0, 2, 3],
      [0, 5, 6],
    ]);
    expect(nn.where(row, 1, 2).toArray()).toEqual([1, 2, 2]);
  });

  it('is labels and indices', () => {
    useTarget(target);
    const logits = nn.tensor(
      [
        [1, 2, 0],
        [0, 3, 1],
      ],
      { requiresGrad: true },
    );
    const labels = nn.tensor([1, 2], { dtype: 'int32' });
    expect(nn.crossEntropy(logits, labels).item()).toBe(nn.crossEntropy(logits, [1, 2]).item());
    const table = nn.tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const words = nn.tensor(
      [
        [2, 0],
        [1, 1],
      ],
      { dtype: 'uint8' },
    );
    expect(nn.embedding(table, words).shape).toEqual([2, 2, 2]);
    expect(nn.embedding(table, words).reshape([-1]).toArray()).toEqual([5, 6, 1, 2, 3, 4, 3, 4]);
    expect(() => nn.embedding(table, nn.tensor([3], { dtype: 'int32' }))).toThrow(
      'indices[0] must be a whole number',
    );
    const { values, indices } = nn.topk(table, 1);
    expect([indices.dtype, indices.shape]).toEqual(['int32', [3, 1]]);
    expect(nn.gather(table, 1, indices).toArray()).toEqual(values.toArray());
  });

  it('takes no new memory in a loop of noGrad()', () => {
    useTarget(target);
    const [x, y] = [nn.rand([9, 7]), nn.rand([9, 7])];
    const places = nn.full([9, 2], 3, { dtype: 'int32' });
    const work = () => {
      const isBoth = nn.logicalOr(nn.logicalAnd(x, y.gt(0.5)), x.lt(y)).logicalXor(1);
      nn.all(nn.any(isBoth, { axes: 1 }).logicalNot());
      nn.where(isBoth, x, 0).to('int32').eq(1);
      nn.permute(isBoth, { axes: [1, 0] })
        .gather(0, nn.transpose(places))
        .byte();
      nn.oneHot(places, 4);
      nn.remainder(places.add(1).neg(), 3);
      return isBoth;
    };
    const kept = nn.noGrad(work).toArray();
    const lost: nn.Tensor[] = [];
    nn.noGrad(() => void lost.push(work()));
    expect(() => lost[0].toArray()).toThrow('the value of this tensor was released by noGrad()');
    const before = nn.memory().allocations;
    for (let i = 0; i < 4; i++) nn.noGrad(() => void work());
    expect(nn.memory().allocations).toBe(before);
    expect(nn.noGrad(work).toArray()).toEqual(kept);
  });

  it('in noGrad() and in a step it stays', () => {
    useTarget(target);
    const kept = nn.noGrad(() => nn.gt(nn.tensor([1, 3]), 2));
    expect(kept.toArray()).toEqual([false, true]);
    const x = nn.tensor([1, 3], { requiresGrad: true });
    const chosen = nn.gt(x, 2);
    nn.where(chosen, x, 0).sum().backward();
    expect(chosen.toArray()).toEqual([false, true]);
  });
});
