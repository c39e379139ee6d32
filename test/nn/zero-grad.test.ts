// zeroGrad() writes no zeros to a gradient that nobody has seen: whoever looks must not notice.
import { describe, expect, test } from 'vitest';
import { SGD } from '../../src/index.js';
import { memory, type Tensor, tensor } from '../../src/nn/index.js';

const weight = () => tensor([1, 2, 3], { requiresGrad: true, name: 'weight' });

/** Adds `factor` to the gradient of each of its elements: by a sum, by a copy of a gradient, by an accumulating product. */
const WAYS: Readonly<Record<string, (x: Tensor, factor: number) => void>> = {
  sum: (x, factor) => x.mul(factor).sum().backward(),
  view: (x, factor) =>
    x
      .reshape([3, 1])
      .mul(tensor([factor]))
      .sum()
      .backward(),
  product: (x, factor) =>
    tensor([[factor]])
      .matmul(x.reshape([1, 3]))
      .sum()
      .backward(),
  twice: (x, factor) =>
    x
      .add(x)
      .mul(factor / 2)
      .sum()
      .backward(),
};

describe.each(Object.entries(WAYS))('after a gradient by %s', (_, add) => {
  test('it is zero for whoever reads it', () => {
    const x = weight();
    const optimizer = new SGD([x], { lr: 1 });
    add(x, 2);
    optimizer.zeroGrad();
    expect(x.grad).toEqual(new Float32Array(3));
  });

  test('an array that was handed out is filled, and stays the gradient', () => {
    const x = weight();
    const optimizer = new SGD([x], { lr: 1 });
    add(x, 2);
    const { grad } = x;
    expect(grad).toEqual(Float32Array.of(2, 2, 2));
    optimizer.zeroGrad();
    expect(grad).toEqual(new Float32Array(3));
    add(x, 4);
    expect(x.grad).toBe(grad);
    expect(grad).toEqual(Float32Array.of(4, 4, 4));
  });

  test('what follows starts from zero, and then adds up', () => {
    const x = weight();
    const optimizer = new SGD([x], { lr: 1 });
    add(x, 2);
    optimizer.zeroGrad();
    add(x, 4);
    add(x, 8);
    expect(x.grad).toEqual(Float32Array.of(12, 12, 12));
    optimizer.zeroGrad();
    add(x, 16);
    optimizer.step();
    expect(x.value).toEqual(Float32Array.of(-15, -14, -13));
  });

  test('a step takes it as zero, and with it weight decay', () => {
    const x = weight();
    const optimizer = new SGD([x], { lr: 0.5, weightDecay: 0.5 });
    add(x, 2);
    optimizer.zeroGrad();
    optimizer.step();
    expect(x.value).toEqual(Float32Array.of(0.75, 1.5, 2.25));
  });
});

test('of what is no leaf there is none, also where its value is gone', () => {
  const x = weight();
  const y = x.mul(2);
  expect(y.grad).toBeNull();
  y.sum().backward();
  expect(y.grad).toBeNull();
  expect(tensor([1, 2], { dtype: 'int32' }).grad).toBeNull();
});

test('a gradient that was set is filled', () => {
  const x = weight();
  const given = Float32Array.of(1, 2, 3);
  x.grad = given;
  new SGD([x], { lr: 1 }).zeroGrad();
  expect(given).toEqual(new Float32Array(3));
});

test('none stays none, and one that was dropped starts anew', () => {
  const x = weight();
  const optimizer = new SGD([x], { lr: 1 });
  optimizer.zeroGrad();
  expect(x.grad).toBeNull();
  WAYS.sum(x, 2);
  const { grad } = x;
  optimizer.zeroGrad();
  x.grad = null;
  WAYS.sum(x, 4);
  expect(x.grad).toEqual(Float32Array.of(4, 4, 4));
  expect(grad).toEqual(new Float32Array(3));
});

test('a gradient that is dropped is used again, unless somebody has seen it', () => {
  const x = tensor(new Float32Array(321), { requiresGrad: true });
  const arrays = () => {
    const own = memory().sizes.find(({ length }) => length === 321);
    return own === undefined ? 0 : own.inUse + own.idle;
  };
  const step = (factor: number) => {
    x.grad = null;
    x.mul(factor).sum().backward();
  };
  step(2);
  step(2);
  const before = arrays();
  for (let i = 0; i < 3; i++) step(2);
  expect(arrays()).toBe(before);
  const seen = Array.from([x.grad]);
  const own = new Float32Array(321).fill(5);
  step(3);
  x.grad = own;
  for (let i = 0; i < 3; i++) step(3);
  expect(seen).toEqual([new Float32Array(321).fill(2)]);
  expect(own).toEqual(new Float32Array(321).fill(5));
});
