// What array functions refuse on both halves: arrays that are not as long as they say, and sizes beyond any array.
import { describe, expect, test } from 'vitest';
import {
  add,
  conv2d,
  exp,
  gemm,
  maxPool2d,
  permute,
  silu,
  softmax,
  sum,
  targets,
  useTarget,
} from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import { Embedding, Linear, tensor } from '../../src/nn/index.js';

const initial = targets()[0] ?? 'typescript';

const withHole: number[] = Object.assign(new Array<number>(2), { 1: 4 });

describe.each([initial, 'typescript'])('on %s', (target) => {
  test('an array with a length of its own', () => {
    useTarget(target);
    const x = Object.defineProperty(new Float32Array(2), 'length', { value: 4 });
    expect(() => exp(x)).toThrow(/^x must have no length of its own: it has 2 elements, got 4/);
    expect(() => exp(new Float32Array(4), { out: x })).toThrow(/^out must have no length of its own/);
    expect(() => tensor(x)).toThrow(/^data must have no length of its own/);
  });

  test('a tensor whose memory was taken away or shrunk', () => {
    useTarget(target);
    const data = new Float32Array(6);
    const x = tensor(data, [2, 3], { requiresGrad: true });
    structuredClone(data.buffer, { transfer: [data.buffer] });
    expect(() => nn.exp(x)).toThrow(/must have 6 elements as when it was made, got 0/);
    expect(() => new Linear(3, 2).forward(x)).toThrow(RangeError);
    const buffer: ArrayBuffer = Reflect.construct(ArrayBuffer, [24, { maxByteLength: 48 }]);
    const shrunk = tensor(new Float32Array(buffer), [2, 3]);
    Reflect.apply(Reflect.get(buffer, 'resize'), buffer, [8]);
    expect(() => nn.exp(shrunk)).toThrow(/must have 6 elements as when it was made, got 2/);
  });

  test('a hole where a length or an axis should be', () => {
    useTarget(target);
    const x = new Float32Array(4);
    expect(() => softmax(x, { shape: withHole })).toThrow(/shape\[0\] must be a number, got undefined/);
    expect(() => permute(x, { shape: [4, 1], axes: withHole.map(() => 0) })).toThrow(/axes/);
    expect(() => sum(x, { shape: [1, 4], axes: withHole })).toThrow(/axes\[0\] must be a number/);
    expect(() => tensor(x, withHole)).toThrow(/shape\[0\] must be a number/);
    expect(() => tensor(withHole)).toThrow(/data\[0\] must be a number/);
    expect(() =>
      maxPool2d(x, { shape: [1, 2, 2, 1], kernel: [1, 1], stride: [withHole[0], 1] as never }),
    ).toThrow(TypeError);
  });

  test('a stride near 2^31 that a row of outputs cannot reach over', () => {
    useTarget(target);
    const options = { shape: [1, 2, 2, 1], weightShape: [1, 1, 1, 1], stride: 2 ** 31 - 1 };
    expect(() => conv2d(new Float32Array(4), new Float32Array(1), options)).toThrow(
      /stride, padding and dilation/,
    );
    const [x, weight] = [
      tensor(new Float32Array(4), [1, 2, 2, 1]),
      tensor(new Float32Array(1), [1, 1, 1, 1]),
    ];
    expect(() => nn.conv2d(x, weight, { stride: 2 ** 31 - 1 })).toThrow(/stride, padding and dilation/);
  });

  test('nothing, of more rows than anybody can count', () => {
    useTarget(target);
    const none = new Float32Array(0);
    expect(softmax(none, { shape: [2 ** 53 - 1, 0] })).toEqual(none);
    expect(sum(none, { shape: [0, 2 ** 53 - 1, 2 ** 53 - 1], axes: [1, 2] })).toEqual(none);
    expect(() => sum(none, { shape: [2 ** 53 - 1, 0], axes: 1 })).toThrow(/more than one can hold here/);
    expect(maxPool2d(none, { shape: [2 ** 40, 1, 1, 0], kernel: 1 })).toEqual(none);
  });

  test('results beyond what an array can hold', () => {
    useTarget(target);
    const side = new Float32Array(2 ** 20);
    const shapes = [[2 ** 20], [2 ** 20, 1]] as const;
    expect(() => add(side, side, { shapes })).toThrow(/an array of 1099511627776 float32 numbers is needed/);
    expect(() => new Embedding(2 ** 40, 2 ** 40)).toThrow(/more than one can hold here/);
  });

  test('silu of numbers so low that exp(-x) overflows', () => {
    useTarget(target);
    const x = Float64Array.of(
      -708,
      -709,
      -709.5,
      -710,
      -720,
      -740,
      -745,
      -750,
      -760,
      Number.NEGATIVE_INFINITY,
    );
    const y = silu(x);
    // x exp(x), by the decimal logarithm of its magnitude.
    x.forEach((one, i) => {
      if (one < -752) expect(Math.abs(y[i])).toBe(0);
      else expect(y[i]).toBeLessThan(0);
      if (one < -740 || one === Number.NEGATIVE_INFINITY) return;
      const expected = Math.log(-one) + one;
      expect(Math.abs(Math.log(-y[i]) - expected)).toBeLessThan(1e-2);
    });
  });
});

test('gemm looks at memory, not at what an array says of it', () => {
  const memory = new Float32Array(8);
  const a = Object.defineProperty(memory.subarray(0, 4), 'buffer', { value: new ArrayBuffer(16) });
  expect(() => gemm({ m: 2, n: 2, k: 2, a, b: new Float32Array(4), c: memory.subarray(2, 6) })).toThrow(
    /c must not share memory with a/,
  );
});
