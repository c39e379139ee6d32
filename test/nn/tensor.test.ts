import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as nn from '../../src/nn/index.js';
import { poisonPool } from './helpers.js';

beforeEach(poisonPool);
afterEach(() => {
  vi.restoreAllMocks();
});

const matrix = (requiresGrad = true) => nn.tensor([1, 2, 3, 4, 5, 6], [2, 3], { requiresGrad });

describe('tensor()', () => {
  it('uses a typed array in place and copies numbers', () => {
    const data = new Float64Array([1, 2]);
    const inPlace = nn.tensor(data);
    expect(inPlace.value).toBe(data);
    expect([inPlace.shape, inPlace.dtype, inPlace.size, inPlace.requiresGrad]).toEqual([
      [2],
      'float64',
      2,
      false,
    ]);
    const copied = nn.tensor([0.1, 0.2], [2, 1], { name: 'w', dtype: 'float32' });
    expect(copied.value).toEqual(new Float32Array([0.1, 0.2]));
    expect([copied.shape, copied.name, String(copied)]).toEqual([
      [2, 1],
      'w',
      'tensor([[0.1000],\n        [0.2000]], name="w")',
    ]);
  });

  it('takes views with an offset', () => {
    const view = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
    expect(nn.tensor(view).mul(2).value).toEqual(new Float32Array([2, 4]));
  });

  it.each<[string, () => unknown, RegExp]>([
    ['another type', () => Reflect.apply(nn.tensor, null, ['1']), /^TypeError: data must be .* got "1"/],
    [
      'integers',
      () => Reflect.apply(nn.tensor, null, [new Int16Array(2)]),
      /^TypeError: data must .* got Int16Array/,
    ],
    [
      'text among numbers',
      () => Reflect.apply(nn.tensor, null, [[1, '2']]),
      /^TypeError: data\[1\] must be a number/,
    ],
    [
      'a shape that holds more',
      () => nn.tensor([1, 2], [3]),
      /^RangeError: shape must hold the 2 elements .* \[3\]/,
    ],
    ['a fraction of a row', () => nn.tensor([1, 2], [0.5, 4]), /^RangeError: shape\[0\] must be an integer/],
    [
      'nothing at all',
      () => nn.tensor([]),
      /^RangeError: shape\[0\] must be an integer of at least 1, got 0/,
    ],
    [
      'another dtype',
      () => nn.tensor(new Float32Array(1), [1], { dtype: 'float64' }),
      /^TypeError: data must be float64/,
    ],
    [
      'an unknown dtype',
      () => Reflect.apply(nn.tensor, null, [[1], [1], { dtype: 'half' }]),
      /^TypeError: dtype must be one of float32, float64, int32, uint8, bool, got "half"/,
    ],
  ])('refuses %s', (_, run, message) => {
    expect(caught(run)).toMatch(message);
  });
});

describe('operations', () => {
  it('compute what they say', () => {
    const x = nn.tensor([-2, 0, 3], [1, 3], { dtype: 'float64' });
    const values = (y: nn.Tensor) => [...y.value];
    expect(values(x.add(x))).toEqual([-4, 0, 6]);
    expect(values(x.add(nn.tensor([1, 2, 3], [3], { dtype: 'float64' })))).toEqual([-1, 2, 6]);
    expect(values(x.add(1))).toEqual([-1, 1, 4]);
    expect(values(x.sub(1))).toEqual([-3, -1, 2]);
    expect(values(x.sub(x))).toEqual([0, 0, 0]);
    expect(values(x.mul(x))).toEqual([4, 0, 9]);
    expect(values(x.mul(-1.5))).toEqual([3, -0, -4.5]);
    expect(values(x.relu())).toEqual([0, 0, 3]);
    expect(x.sum().item()).toBe(1);
    expect(x.mean().item()).toBeCloseTo(1 / 3, 15);
    expect(x.sum().shape).toEqual([]);
    expect(values(x.tanh())[2]).toBeCloseTo(Math.tanh(3), 14);
    expect(values(x.sigmoid())[0]).toBeCloseTo(1 / (1 + Math.exp(2)), 14);
    expect(values(x.silu())[2]).toBeCloseTo(3 / (1 + Math.exp(-3)), 14);
    const square = nn.tensor([1, 2, 3, 4], [2, 2], { dtype: 'float64' });
    expect(values(square.matmul(square))).toEqual([7, 10, 15, 22]);
    expect([x.reshape([3, -1]).shape, x.reshape([3]).shape]).toEqual([[3, 1], [3]]);
  });

  it.each<[string, (x: nn.Tensor) => unknown, RegExp]>([
    [
      'add of another shape',
      (x) => x.add(x.reshape([3, 2])),
      /^RangeError: shapes must be equal but for lengths of 1 \(counted from the last\), got this \[2, 3\], other \[3, 2\]/,
    ],
    [
      'sub of another shape',
      (x) => x.sub(x.reshape([6])),
      /^RangeError: shapes must be equal .*, got this \[2, 3\], other \[6\]/,
    ],
    ['mul of another shape', (x) => x.mul(x.reshape([6])), /^RangeError: shapes must be equal/],
    [
      'matmul of another height',
      (x) => x.matmul(x),
      /^RangeError: other must have shape \[3, columns\], got \[2, 3\]/,
    ],
    [
      'matmul of a row',
      (x) => x.reshape([6]).matmul(x),
      /^RangeError: matmul needs as many columns of a as rows of b, got shapes \[6\] and \[2, 3\]/,
    ],
    [
      'another dtype',
      (x) => x.add(nn.tensor([1], [1], { dtype: 'float64' })),
      /^TypeError: other must be float32/,
    ],
    ['an array', (x) => Reflect.apply(x.add, x, [[1]]), /^TypeError: other must be a Tensor, got \[1\]/],
    ['reshape to another size', (x) => x.reshape([4]), /^RangeError: shape must hold 6 elements, got \[4\]/],
    ['reshape that does not divide', (x) => x.reshape([4, -1]), /^RangeError: shape\[1\] must be an integer/],
    ['reshape with two gaps', (x) => x.reshape([-1, -1]), /^RangeError: shape\[0\] must be an integer/],
    ['item() of many', (x) => x.item(), /^RangeError: item\(\) takes one element, got shape \[2, 3\]/],
  ])('refuse %s', (_, run, message) => {
    expect(caught(() => run(matrix()))).toMatch(message);
  });
});

describe('backward()', () => {
  it('takes one element that depends on a leaf with requiresGrad', () => {
    expect(caught(() => matrix().relu().backward())).toMatch(
      /^RangeError: backward\(\) takes a loss of one element/,
    );
    expect(caught(() => matrix(false).sum().backward())).toMatch(/^TypeError: backward\(\) needs a loss/);
    expect(caught(() => nn.noGrad(() => matrix().sum()).backward())).toMatch(
      /^TypeError: backward\(\) needs a loss/,
    );
  });

  it('works on a leaf itself', () => {
    const x = nn.tensor([5], [], { requiresGrad: true });
    x.backward();
    x.backward();
    expect(x.grad).toEqual(new Float32Array([2]));
  });

  it('refuses a graph it has been through, and changes nothing', () => {
    const x = matrix();
    const shared = x.mul(2);
    const [first, second] = [shared.sum(), shared.mean()];
    first.backward();
    const before = x.grad?.slice();
    expect(caught(() => second.backward())).toMatch(
      /^Error: backward\(\) has already run through this graph/,
    );
    expect(caught(() => first.backward())).toMatch(/^Error: backward\(\) has already run/);
    expect(x.grad).toEqual(before);
  });

  it('releases the values in between, keeps the loss, and says what to do', () => {
    const x = matrix();
    const hidden = x.tanh();
    const loss = hidden.sum();
    const before = loss.item();
    loss.backward();
    expect(loss.item()).toBe(before);
    for (const read of [() => hidden.value, () => hidden.add(1), () => hidden.detach()]) {
      expect(caught(read)).toMatch(
        /^Error: the value of this tensor was released by backward\(\).*detach\(\) or clone\(\)/,
      );
    }
    expect(x.value).toEqual(new Float32Array([1, 2, 3, 4, 5, 6]));
  });

  it('keeps a loss that is a view of something else', () => {
    const loss = matrix().sum().reshape([1, 1]);
    loss.backward();
    expect(loss.item()).toBe(21);
  });

  it('leaves alone what was read, detached or cloned before', () => {
    const x = matrix();
    const hidden = x.mul(2);
    const view = hidden.reshape([6]);
    const [array, detached, copy] = [view.value, hidden.detach(), hidden.clone()];
    hidden.sum().backward();
    x.mul(7).sum().backward();
    const expected = new Float32Array([2, 4, 6, 8, 10, 12]);
    expect([array, detached.value, copy.value]).toEqual([expected, expected, expected]);
    expect([detached.requiresGrad, detached.isLeaf, copy.requiresGrad]).toEqual([false, true, true]);
  });

  it('keeps what was computed without gradients', () => {
    const scaled = matrix(false).mul(2);
    const x = matrix();
    x.mul(scaled).sum().backward();
    expect([...scaled.value]).toEqual([2, 4, 6, 8, 10, 12]);
    expect(x.grad).toEqual(scaled.value);
  });

  it('goes through a graph of 20,000 operations', () => {
    const x = nn.tensor([1], [1], { requiresGrad: true });
    let y = x;
    for (let i = 0; i < 20_000; i++) y = y.add(1);
    y.backward();
    expect(x.grad).toEqual(new Float32Array([1]));
  });
});

describe('backwardSteps()', () => {
  it('is backward(), an operation at a time', () => {
    const x = nn.tensor([1, -2, 3], [3], { requiresGrad: true });
    const loss = () => x.mul(x).relu().sum();
    loss().backward();
    const expected = x.grad;
    x.grad = null;
    const steps = loss().backwardSteps();
    expect(x.grad).toBeNull();
    expect([...steps]).toHaveLength(3);
    expect(x.grad).toEqual(expected);
    expect(() => x.mul(x).backwardSteps()).toThrow(/takes a loss of one element, got shape \[3\]/);
  });
});

describe('grad and requiresGrad', () => {
  it('freezing drops the gradient', () => {
    const x = matrix();
    x.sum().backward();
    x.requiresGrad = false;
    expect(x.grad).toBeNull();
    expect(caught(() => x.sum().backward())).toMatch(/needs a loss that depends/);
  });

  it('refuse what does not fit', () => {
    const x = matrix();
    const hidden = x.relu();
    const set = (target: nn.Tensor, name: string, value: unknown) => () => {
      Reflect.set(target, name, value);
    };
    expect(caught(set(x, 'grad', new Float64Array(6)))).toMatch(
      /^TypeError: grad must be null or a float32 array/,
    );
    expect(caught(set(x, 'grad', new Float32Array(5)))).toMatch(
      /^RangeError: grad must have 6 elements, got 5/,
    );
    expect(caught(set(x, 'requiresGrad', 1))).toMatch(/^TypeError: requiresGrad must be a boolean, got 1/);
    expect(caught(set(hidden, 'requiresGrad', true))).toMatch(
      /^TypeError: requiresGrad can only be set on a leaf/,
    );
    expect(caught(set(hidden, 'grad', new Float32Array(6)))).toMatch(/^TypeError: grad can only be set/);
    expect([x.grad, hidden.grad]).toEqual([null, null]);
  });
});

describe('noGrad()', () => {
  it('records nothing and releases all but what it returns', () => {
    const x = matrix();
    const inside: nn.Tensor[] = [];
    const { kept, list } = nn.noGrad(() => {
      const hidden = x.mul(2);
      const view = hidden.mul(1).reshape([6]);
      inside.push(hidden);
      return { kept: view, list: [hidden.add(1)] };
    });
    expect([...kept.value, list[0]?.value[0]]).toEqual([2, 4, 6, 8, 10, 12, 3]);
    expect([kept.requiresGrad, kept.isLeaf]).toEqual([false, true]);
    expect(caught(() => inside[0]?.value)).toMatch(
      /released by noGrad\(\), which keeps what its function returns/,
    );
  });

  it('leaves what was computed outside alone', () => {
    const hidden = matrix().mul(2);
    nn.noGrad(() => hidden.reshape([6]).sum().item());
    hidden.sum().backward();
    const outside = matrix(false).mul(2);
    nn.noGrad(() => outside.reshape([6]).sum().item());
    expect(outside.value[5]).toBe(12);
  });

  it('nests: the outer one releases what the inner one returned', () => {
    const inner: nn.Tensor[] = [];
    nn.noGrad(() => {
      inner.push(nn.noGrad(() => matrix().mul(2)));
      expect(inner[0]?.value[0]).toBe(2);
    });
    expect(caught(() => inner[0]?.value)).toMatch(/released by noGrad/);
  });

  it('records again after an error, and refuses a promise', () => {
    expect(() =>
      nn.noGrad(() => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(caught(() => nn.noGrad(() => Promise.resolve(1)))).toMatch(/^TypeError: fn must be synchronous/);
    expect(matrix().sum().requiresGrad).toBe(true);
  });
});

function caught(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return String(error);
  }
  return 'no error';
}
