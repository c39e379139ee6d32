import { describe, expect, test } from 'vitest';
import { SGD, targets, useTarget } from '../../src/index.js';
import { Linear } from '../../src/nn/index.js';
import { detach, makeParams } from './params.js';

describe('parameters', () => {
  const params = makeParams(['a', 'b']);
  const shared = new Float32Array(10);
  test.each([
    ['nothing', [], /params must hold at least one parameter/],
    ['no iterable', 5, /params must be an iterable of parameters or of groups, got 5$/],
    ['a model', new Linear(1, 1), /got Linear: pass its parameters\(\)/],
    ['a parameter by itself', params[0], /got Object: pass it in an array/],
    ['an array', [shared], /params\[0\] must be an object \{ value, grad \}, got Float32Array\(10\)/],
    ['a null', [null], /params\[0\] must be an object \{ value, grad \}, got null/],
    [
      'an array for a value',
      [{ value: [1], grad: null }],
      /params\[0\]\.value must be a Float32Array or a Float64Array/,
    ],
    [
      'a gradient of another length',
      [{ value: new Float32Array(2), grad: new Float32Array(3) }],
      /params\[0\]\.grad must have 2/,
    ],
    [
      'a gradient of another type',
      [{ value: new Float32Array(2), grad: new Float64Array(2) }],
      /params\[0\]\.grad must be a Float32Array/,
    ],
    ['the same twice', [params[0], params[0]], /params\[1\] is in the optimizer already/],
    ['a name twice', makeParams(['a', 'a']), /the name "a" is taken/],
    [
      'overlapping values',
      [
        { value: shared.subarray(0, 6), grad: null },
        { value: shared.subarray(5), grad: null },
      ],
      /must not share memory/,
    ],
    ['a gradient on its value', [{ value: shared, grad: shared }], /must not share memory/],
    [
      'a value after a small one inside a wide one',
      [
        { value: shared.subarray(0, 8), grad: null },
        { value: shared.subarray(6), grad: shared.subarray(1, 5) },
      ],
      /must not share memory/,
    ],
    [
      'a value at the end of a wide gradient that has a small one inside',
      [
        { value: new Float32Array(10), grad: shared },
        { value: new Float32Array(1), grad: shared.subarray(2, 3) },
        { value: shared.subarray(9), grad: null },
      ],
      /must not share memory/,
    ],
    ['parameters and groups', [params[0], { params: [params[1]] }], /parameters or groups, not both/],
    ['an empty group', [{ params: [] }], /at least one parameter/],
    ['a wrong group', [{ params: [params[0]], momentum: 'much' }], /momentum must be a number, got "much"/],
  ])('refuses %s', (_name, value, message) => {
    const create = () => Reflect.construct(SGD, [value]);
    expect(create).toThrow(message);
  });

  // In units of elements; the order in which they are given must not matter.
  test.each([
    ['a small one and then one at the end of a wide one', [0, 10], [2, 3], [9, 12]],
    ['two small ones in a wide one', [0, 10], [1, 2], [4, 5]],
    ['three that each reach into the next', [0, 4], [3, 8], [7, 12]],
    ['the same twice among others', [0, 2], [4, 6], [4, 6]],
  ])('refuses values that share memory: %s', (_, ...ranges) => {
    const memory = new Float32Array(16);
    const [a, b, c] = ranges.map(([from, to]) => ({ value: memory.subarray(from, to), grad: null }));
    for (const order of [
      [a, b, c],
      [a, c, b],
      [b, a, c],
      [b, c, a],
      [c, a, b],
      [c, b, a],
    ]) {
      expect(() => new SGD(order)).toThrow(/must not share memory/);
      const later = new SGD([order[0], { value: new Float32Array(1), grad: null }]);
      expect(() => later.addParamGroup({ params: order.slice(1) })).toThrow(/must not share memory/);
    }
  });

  test('may lie side by side in one buffer', () => {
    const memory = new Float32Array(16);
    const params = [
      { value: memory.subarray(4, 8), grad: memory.subarray(8, 12) },
      { value: memory.subarray(0, 4), grad: memory.subarray(12) },
    ];
    memory.fill(1, 8);
    new SGD(params, { lr: 0.5 }).step();
    expect([...memory]).toEqual([...Array(8).fill(-0.5), ...Array(8).fill(1)]);
  });

  test('refuses a detached buffer', () => {
    const value = new Float32Array(4);
    detach(value);
    expect(() => new SGD([{ value, grad: null }])).toThrow(/params\[0\]\.value has a detached buffer/);
    const later = { value: new Float32Array(4), grad: new Float32Array(4) };
    const optimizer = new SGD([later]);
    detach(later.value);
    expect(() => optimizer.step()).toThrow(/value must have 4 elements .* got 0; was its buffer detached/);
  });

  test('groups have options of their own, and may join later', () => {
    const [a, b] = makeParams(['a', 'b']);
    const start = [Float32Array.from(a.value), Float32Array.from(b.value)];
    a.grad.fill(1);
    b.grad.fill(1);
    const optimizer = new SGD([{ params: [a], lr: 0.5 }], { lr: 0.25 });
    optimizer.addParamGroup({ params: [b] });
    optimizer.step();
    expect(a.value).toEqual(start[0].map((x) => x - 0.5));
    expect(b.value).toEqual(start[1].map((x) => x - 0.25));
    expect(() => optimizer.addParamGroup({ params: [a] })).toThrow(/in the optimizer already/);
    expect(optimizer.parameters()).toEqual([a, b]);
  });

  test('views of a SharedArrayBuffer work', () => {
    for (const target of targets()) {
      useTarget(target);
      const value = new Float32Array(new SharedArrayBuffer(64), 4, 8).fill(1);
      const param = { value, grad: new Float32Array(8).fill(2) };
      new SGD([param], { lr: 0.25 }).step();
      expect(Array.from(value)).toEqual(Array(8).fill(0.5));
    }
  });
});
