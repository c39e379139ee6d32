import { expect, vi } from 'vitest';
import * as nn from '../../src/nn/index.js';
import { pool } from '../../src/nn/pool.js';

/** Fills every array with NaN as it comes back to the pool, and fails where one comes back twice. */
export function poisonPool(): void {
  const release = pool.release.bind(pool);
  const take = pool.take.bind(pool);
  const idle = new Set<object>();
  vi.spyOn(pool, 'release').mockImplementation((array) => {
    expect(idle.has(array), 'an array is released while the pool has it').toBe(false);
    idle.add(array);
    release(array.fill(Number.NaN));
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

/** Every number is within 1e-12 of what it should be, relatively where that is above 1. */
export function expectClose(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  expect(actual.length, what).toBe(expected.length);
  expected.forEach((value, i) => {
    const tolerance = 1e-12 * Math.max(1, Math.abs(value));
    expect(Math.abs(actual[i] - value), `${what}[${i}]`).toBeLessThanOrEqual(tolerance);
  });
}

/**
 * Compares the gradients that backward() finds with central differences, for every element of every leaf, and sees to it
 * that a step gives back all it takes but the loss.
 */
export function expectGradients(loss: () => nn.Tensor, leaves: readonly nn.Tensor[]): void {
  for (const leaf of leaves) leaf.grad = null;
  loss().backward();
  for (const [index, { value, grad }] of leaves.entries()) {
    if (grad === null) throw new Error(`leaf ${index} has no gradient`);
    const differences = value.map((_, i) => centralDifference(loss, value, i));
    const scale = Math.max(1, ...grad.map(Math.abs));
    for (const [i, expected] of differences.entries()) {
      expect(
        Math.abs(grad[i] - expected) / scale,
        `leaf ${index}[${i}]: ${grad[i]} for ${expected}`,
      ).toBeLessThan(1e-7);
    }
  }
  loss().backward();
  const before = pool.allocations;
  loss().backward();
  expect(pool.allocations - before, 'arrays that were not given back').toBeLessThanOrEqual(1);
}

function centralDifference(loss: () => nn.Tensor, value: nn.Tensor['value'], i: number): number {
  const h = 1e-5;
  const original = value[i];
  const at = (x: number) => {
    value[i] = x;
    return nn.noGrad(loss).item();
  };
  const difference = (at(original + h) - at(original - h)) / (2 * h);
  value[i] = original;
  return difference;
}
