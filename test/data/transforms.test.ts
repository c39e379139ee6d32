import { describe, expect, it } from 'vitest';
import { normalize, randomCrop, randomHorizontalFlip } from '../../src/data/index.js';
import { Generator } from '../../src/nn/index.js';

const image = { value: Float32Array.from({ length: 12 }, (_, i) => i + 1), shape: [2, 3, 2] };
const random = () => new Generator(1);

describe('normalize', () => {
  it('brings bytes to [0, 1], and every channel to its mean and deviation', () => {
    const bytes = { value: Uint8Array.of(0, 255, 51, 102), shape: [1, 2, 2] };
    const { value, shape } = normalize(bytes, { mean: [0.5, 0], std: [0.25, 2] });
    expect(shape).toEqual([1, 2, 2]);
    expect(value).toBeInstanceOf(Float32Array);
    expect([...value].map((x) => Number(x.toFixed(6)))).toEqual([-2, 0.5, -1.2, 0.2]);
    const double = { value: Float64Array.of(1, 3), shape: [1, 2] };
    expect(normalize(double, { mean: 1, std: 4 }).value).toEqual(Float64Array.of(0, 0.5));
  });
});

describe('randomCrop', () => {
  it('takes every part of the padded image', () => {
    const generator = random();
    const seen = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const { value, shape } = randomCrop(image, { random: generator, padding: 1, fill: -1 });
      expect(shape).toEqual(image.shape);
      seen.add(value.join());
    }
    expect(seen.size).toBe(9);
    expect(seen.has(image.value.join())).toBe(true);
    expect(seen.has([-1, -1, -1, -1, -1, -1, -1, -1, 1, 2, 3, 4].join())).toBe(true);
    expect(seen.has([9, 10, 11, 12, -1, -1, -1, -1, -1, -1, -1, -1].join())).toBe(true);
  });

  it('has the size that it is asked for', () => {
    const parts = new Set<string>();
    const generator = random();
    for (let i = 0; i < 50; i++)
      parts.add(randomCrop(image, { random: generator, size: [2, 1] }).value.join());
    expect(parts).toEqual(new Set(['1,2,7,8', '3,4,9,10', '5,6,11,12']));
    const bytes = { value: Uint8Array.of(1, 2, 3, 4), shape: [2, 2] };
    expect(randomCrop(bytes, { random: generator, size: [2, 2] })).toEqual(bytes);
    expect(() => randomCrop(bytes, { random: generator, size: [3, 2] })).toThrow(
      /size must be at most 2 x 2/,
    );
  });
});

describe('randomHorizontalFlip', () => {
  it('mirrors columns, as often as it is told', () => {
    const mirrored = Float32Array.of(5, 6, 3, 4, 1, 2, 11, 12, 9, 10, 7, 8);
    expect(randomHorizontalFlip(image, { random: random(), probability: 1 }).value).toEqual(mirrored);
    expect(randomHorizontalFlip(image, { random: random(), probability: 0 }).value).toEqual(image.value);
    const generator = random();
    const flips = Array.from(
      { length: 1000 },
      () => randomHorizontalFlip(image, { random: generator }) !== image,
    );
    expect(Math.abs(flips.filter(Boolean).length - 500)).toBeLessThan(80);
  });
});

it.each([
  [normalize, [{ value: [1], shape: [1, 1] }], /image.value must be a Float32Array/],
  [normalize, [{ value: Float32Array.of(1), shape: [1] }], /image.shape must be \[height, width\]/],
  [normalize, [{ value: Float32Array.of(1), shape: [1, 2] }], /image.shape must hold 1 elements/],
  [normalize, [image, { mean: [1] }], /mean must have a number for each of 2 channels, got 1/],
  [normalize, [image, { std: 0 }], /std\[0\] must be a finite number greater than 0/],
  [randomCrop, [image, {}], /generator must be a Generator/],
  [randomCrop, [image, { random: random(), size: 3 }], /size must be \[height, width\]/],
  [randomHorizontalFlip, [image, { random: random(), probability: 2 }], /probability must be in \[0, 1\]/],
])('%o refuses what does not fit', (fn, args, message) => {
  expect(() => Reflect.apply(fn, null, args)).toThrow(message);
});
