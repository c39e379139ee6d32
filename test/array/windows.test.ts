import { describe, expect, it } from 'vitest';
import { avgPool2d, conv2d, maxPool2d } from '../../src/index.js';

// Convolution and pooling of arrays: what they compute from their options, and what they refuse. The numbers are those of
// test/nn/images.test.ts, which compares with PyTorch.

const count = (length: number) => Float64Array.from({ length }, (_, i) => i + 1);
const call = (f: (...given: never[]) => unknown, ...given: unknown[]) => Reflect.apply(f, null, given);

describe('conv2d', () => {
  const x = count(9);
  const weight = Float64Array.of(1, 0, 0, -1);
  const options = { shape: [1, 3, 3, 1], weightShape: [1, 2, 2, 1] };

  it('sums what each window sees, adds the bias and applies the activation', () => {
    expect([...conv2d(x, weight, options)]).toEqual([-4, -4, -4, -4]);
    const bias = Float64Array.of(5);
    expect([...conv2d(x, weight, { ...options, bias, activation: 'relu' })]).toEqual([1, 1, 1, 1]);
    expect([...conv2d(x, weight, { ...options, padding: 1, stride: 3 })]).toEqual([-1, 0, 0, 9]);
    expect(conv2d(x, weight, { ...options, padding: 'same' })).toHaveLength(9);
    const out = new Float64Array(4);
    expect(conv2d(x, weight, { ...options, out })).toBe(out);
    expect(conv2d(new Float64Array(0), weight, { ...options, shape: [0, 3, 3, 1] })).toHaveLength(0);
  });

  it('refuses what does not fit, and writes nothing', () => {
    const out = new Float64Array(4).fill(7);
    const run = (changes: object, images: unknown = x, weights: unknown = weight) =>
      expect(() => call(conv2d, images, weights, { ...options, out, ...changes }));
    run({}, [1]).toThrow(/x must be a Float32Array or a Float64Array, got \[1\]/);
    run({}, x, new Float32Array(4)).toThrow(/weight must be a Float64Array like the others/);
    run({ shape: [9] }).toThrow(/shape must be \[batch, height, width, channels\] with pixels, got \[9\]/);
    run({ shape: [1, 3, 4, 1] }).toThrow(/shape must hold the 9 elements/);
    run({ weightShape: [4] }).toThrow(/weightShape must be \[outputs, kernel height/);
    run({ weightShape: [1, 2, 1, 2] }).toThrow(/shape must have 2 channels, got \[1, 3, 3, 1\]/);
    run({ groups: 2 }).toThrow(/groups must divide the 1 outputs, got 2/);
    run({ stride: 0 }).toThrow(/stride must be an integer of at least 1, got 0/);
    run({ dilation: 3 }).toThrow(/x must have a height, with its padding, of at least 4, .* got 3/);
    run({ bias: new Float64Array(2) }).toThrow(/bias must have 1 elements, got 2/);
    run({ activation: 'swish' }).toThrow(/activation must be one of/);
    run({ out: new Float64Array(5) }).toThrow(/out must have 4 elements, got 5/);
    run({ out: x.subarray(0, 4) }).toThrow(/out must not share memory with x/);
    run({ pad: 1 }).toThrow(/conv2d has no option "pad"/);
    expect([...out]).toEqual([7, 7, 7, 7]);
  });
});

describe('pooling', () => {
  const x = count(12);
  const options = { shape: [1, 3, 4, 1], kernel: 2 };

  it('takes the largest and the mean of each window', () => {
    const positions = new Int32Array(2);
    expect([...maxPool2d(x, { ...options, positions })]).toEqual([6, 8]);
    expect([...positions]).toEqual([5, 7]);
    expect([...avgPool2d(x, options)]).toEqual([3.5, 5.5]);
    expect([...avgPool2d(x, { ...options, ceilMode: true })]).toEqual([3.5, 5.5, 9.5, 11.5]);
    const padded = { ...options, padding: 1, stride: 4 };
    expect([...avgPool2d(x, padded)]).toEqual([0.25, 1]);
    expect([...avgPool2d(x, { ...padded, countIncludePad: false })]).toEqual([1, 4]);
  });

  it('refuses what does not fit', () => {
    const run = (changes: object) => expect(() => call(maxPool2d, x, { ...options, ...changes }));
    run({ kernel: [2, 5] }).toThrow(/x must have a width, with its padding, of at least 5, .* got 4/);
    run({ padding: 2 }).toThrow(/padding must be at most half of the kernel 2, got 2/);
    run({ positions: new Uint32Array(2) }).toThrow(/positions must be an Int32Array, got Uint32Array\(2\)/);
    run({ positions: new Int32Array(3) }).toThrow(/positions must have 2 elements, got 3/);
    run({ positions: new Int32Array(x.buffer, 0, 2) }).toThrow(/positions must not share memory with x/);
    run({ countIncludePad: true }).toThrow(/maxPool2d has no option "countIncludePad"/);
    expect(() => call(avgPool2d, x, { ...options, countIncludePad: 1 })).toThrow(
      /countIncludePad must be a boolean, got 1/,
    );
  });
});
