import { expect, vi } from 'vitest';
import { fill } from '../../src/backend/stream.js';
import { pool } from '../../src/nn/engine/pool.js';
import * as nn from '../../src/nn/index.js';

/** Fills every array with NaN as it comes back to the pool, and fails where one comes back twice. */
export function poisonPool(): void {
  const release = pool.release.bind(pool);
  const take = pool.take.bind(pool);
  const idle = new Set<object>();
  vi.spyOn(pool, 'release').mockImplementation((array) => {
    if (idle.has(array)) expect.fail('an array is released while the pool has it');
    idle.add(array);
    release(fill(array, Number.NaN));
  });
  vi.spyOn(pool, 'take').mockImplementation((dtype, length) => {
    const array = take(dtype, length);
    idle.delete(array);
    return array;
  });
}

/** Numbers in +-1 that keep away from 0, where ReLU has no derivative, in a float64 leaf. */
export function randomTensor(shape: readonly number[], seed: number, requiresGrad = true): nn.Tensor {
  const generator = new nn.Generator(seed);
  const size = shape.reduce((product, length) => product * length, 1);
  const data = Float64Array.from({ length: size }, () => {
    const x = 2 * generator.uniform() - 1;
    return x + 0.01 * Math.sign(x);
  });
  return nn.tensor(data, shape, { requiresGrad });
}

// Drawn once: a loss is computed four times for each element of its leaves.
const weights = new Map<string, nn.Tensor>();

/** A single number in which every element of `y` counts differently. */
export function weigh(y: nn.Tensor, seed = 99): nn.Tensor {
  const key = `${y.shape} ${seed}`;
  const drawn = weights.get(key) ?? randomTensor(y.shape, seed, false);
  weights.set(key, drawn);
  return y.mul(drawn).sum();
}

/** Every number is within 1e-12 of what it should be, relatively where that is above 1. */
export function expectClose(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  expect(actual.length, what).toBe(expected.length);
  expected.forEach((value, i) => {
    const isClose = Math.abs(actual[i] - value) <= 1e-12 * Math.max(1, Math.abs(value));
    if (!isClose) expect(actual[i], `${what}[${i}]`).toBe(value);
  });
}

/**
 * Compares the gradients that backward() finds with central differences, for every element of every leaf, and sees to it
 * that a step gives back all it takes but the loss, or as many as are `kept`: indices, say, that the caller could have read.
 *
 * Each is to be within 1e-7 of itself, however small: to that comes what rounding makes of the differences. A loss is rounded
 * to within `ROUNDINGS` units of 2^-53 of the magnitude of its terms, for which the larger of it and 1 stands in, and a
 * difference divides two such errors, weighted by 2/3 and 1/12 twice, by H.
 */
export function expectGradients(loss: () => nn.Tensor, leaves: readonly nn.Tensor[], kept = 1): void {
  for (const leaf of leaves) leaf.grad = null;
  const first = loss();
  const magnitude = Math.max(1, Math.abs(first.item()));
  first.backward();
  const rounding = (2 * (2 / 3 + 1 / 12) * ROUNDINGS * 2 ** -53 * magnitude) / H;
  for (const [index, { value, grad }] of leaves.entries()) {
    if (grad === null) throw new Error(`leaf ${index} has no gradient`);
    const differences = value.map((_, i) => centralDifference(loss, value, i));
    for (const [i, expected] of differences.entries()) {
      const isClose = Math.abs(grad[i] - expected) <= 1e-7 * Math.abs(expected) + rounding;
      if (!isClose) expect.fail(`leaf ${index}[${i}]: ${grad[i]} for ${expected}`);
    }
  }
  loss().backward();
  const before = pool.allocations;
  loss().backward();
  expect(pool.allocations - before, 'arrays that were not given back').toBeLessThanOrEqual(kept);
}

/** The distance of the differences: a power of two, and short beside what is between two numbers of a window's maximum. */
const H = 2 ** -15;

const ROUNDINGS = 64;

/** Of fourth order: what is left out is H^4 / 30 times the fifth derivative, 3e-20 of it. */
function centralDifference(loss: () => nn.Tensor, value: nn.Tensor['value'], i: number): number {
  const original = value[i];
  const at = (x: number) => {
    value[i] = x;
    return nn.noGrad(loss).item();
  };
  const near = at(original + H) - at(original - H);
  const far = at(original + 2 * H) - at(original - 2 * H);
  value[i] = original;
  return ((2 / 3) * near - far / 12) / H;
}
