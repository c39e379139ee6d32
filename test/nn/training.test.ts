import { afterEach, describe, expect, it, vi } from 'vitest';
import { currentTarget, targets, threads, useTarget, useThreads } from '../../src/backend/select.js';
import { pool } from '../../src/nn/engine/pool.js';
import * as nn from '../../src/nn/index.js';
import { poisonPool } from './helpers.js';

/** Gradient descent in its plainest form: these tests are of the network. */
function descend(model: nn.Module, rate: number): void {
  for (const { value, grad } of model.parameters()) {
    if (grad === null) continue;
    for (let i = 0; i < value.length; i++) value[i] -= rate * grad[i];
  }
  model.zeroGrad();
}

function normalisedNetwork(features: number, hidden: number, classes: number, seed: number): nn.Sequential {
  const generator = new nn.Generator(seed);
  return new nn.Sequential(
    new nn.Linear(features, hidden, { generator }),
    new nn.BatchNorm1d(hidden),
    new nn.ReLU(),
    new nn.Residual(
      new nn.Sequential(
        new nn.LayerNorm(hidden),
        new nn.Linear(hidden, hidden, { generator }),
        new nn.SiLU(),
      ),
    ),
    new nn.Linear(hidden, classes, { generator }),
  );
}

/** Two half circles, one inside the bend of the other. */
function twoMoons(count: number, seed: number): { points: nn.Tensor; labels: Int32Array } {
  const generator = new nn.Generator(seed);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
  const points = Float32Array.from(
    [...labels].flatMap((label) => {
      const angle = Math.PI * generator.uniform();
      const [x, y] =
        label === 0 ? [Math.cos(angle), Math.sin(angle)] : [1 - Math.cos(angle), 0.5 - Math.sin(angle)];
      return [x + 0.1 * generator.normal(), y + 0.1 * generator.normal()];
    }),
  );
  return { points: nn.tensor(points, [count, 2]), labels };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a small network', () => {
  it('learns XOR', () => {
    const x = nn.tensor([0, 0, 0, 1, 1, 0, 1, 1], [4, 2]);
    const labels = [0, 1, 1, 0];
    const generator = new nn.Generator(2);
    const model = new nn.Sequential(
      new nn.Linear(2, 8, { generator }),
      new nn.Tanh(),
      new nn.Linear(8, 2, { generator }),
    );
    for (let step = 0; step < 500; step++) {
      nn.crossEntropy(model.forward(x), labels).backward();
      descend(model, 0.5);
    }
    expect(nn.noGrad(() => nn.accuracy(model.forward(x), labels))).toBe(1);
    expect(nn.noGrad(() => nn.crossEntropy(model.forward(x), labels)).item()).toBeLessThan(0.05);
  });

  it('learns two moons, and recognises others', () => {
    const train = twoMoons(200, 1);
    const test = twoMoons(200, 2);
    const model = normalisedNetwork(2, 16, 2, 3);
    const order = new nn.Generator(4);
    const batch = nn.tensor(new Float32Array(50 * 2), [50, 2]);
    for (let epoch = 0; epoch < 60; epoch++) {
      const permutation = order.permutation(200);
      for (let start = 0; start < 200; start += 50) {
        const indices = permutation.subarray(start, start + 50);
        nn.gatherRows(train.points, indices, { out: batch });
        const labels = indices.map((index) => train.labels[index]);
        nn.crossEntropy(model.forward(batch), labels).backward();
        descend(model, 0.1);
      }
    }
    model.eval();
    expect(nn.noGrad(() => nn.accuracy(model.forward(test.points), test.labels))).toBeGreaterThan(0.98);
  });
});

it('ends with the same bits on every native target with 1, 2 and 7 threads', () => {
  const initial = { target: currentTarget(), threads: threads() };
  const generator = new nn.Generator(8);
  const x = nn.tensor(
    Float32Array.from({ length: 256 * 40 }, () => generator.normal()),
    [256, 40],
  );
  const labels = Int32Array.from({ length: 256 }, () => generator.integer(10));
  const train = (target: string, count: number) => {
    useTarget(target);
    useThreads(count);
    const model = normalisedNetwork(40, 96, 10, 5);
    for (let step = 0; step < 5; step++) {
      nn.crossEntropy(model.forward(x), labels).backward();
      descend(model, 0.1);
    }
    return model.stateDict();
  };
  const states = targets()
    .filter((target) => target !== 'typescript')
    .flatMap((target) => [1, 2, 7].map((count) => train(target, count)));
  useTarget(initial.target);
  useThreads(initial.threads);
  for (const state of states) expect(state).toEqual(states[0]);
});

describe('memory', () => {
  const x = nn.tensor(
    Float32Array.from({ length: 32 * 6 }, (_, i) => Math.sin(i)),
    [32, 6],
  );
  const labels = Int32Array.from({ length: 32 }, (_, i) => i % 3);
  const step = (model: nn.Module) => {
    const loss = nn.crossEntropy(model.forward(x), labels);
    loss.backward();
    descend(model, 0.05);
    return loss.item();
  };
  const evaluate = (model: nn.Module) => nn.noGrad(() => nn.accuracy(model.eval().forward(x), labels));

  it('is the same after 10,000 steps: not one array more, not one byte more waiting', () => {
    const model = normalisedNetwork(6, 24, 3, 1);
    for (let i = 0; i < 3; i++) {
      step(model.train());
      evaluate(model);
    }
    const before = [pool.allocations, pool.idleBytes];
    const arrayBuffers = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 10_000; i++) {
      step(model.train());
      if (i % 100 === 0) evaluate(model);
    }
    expect(pool.idleBytes).toBe(before[1]);
    // The loss keeps its one value, so each step takes one array of one element, and nothing else.
    expect(pool.allocations - (before[0] ?? 0)).toBe(10_000);
    expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(2 ** 20);
  });

  it('does not matter to the results: a new pool, a used one and a poisoned one give the same bits', () => {
    const train = () => {
      const model = normalisedNetwork(6, 24, 3, 1);
      const losses = Array.from({ length: 20 }, () => step(model));
      return { losses, state: model.stateDict() };
    };
    const used = train();
    pool.clear();
    expect(train()).toEqual(used);
    pool.clear();
    poisonPool();
    expect(train()).toEqual(used);
    expect(used.losses[19]).toBeLessThan(used.losses[0] ?? 0);
  });

  it('is bounded where every batch has another size', () => {
    const model = normalisedNetwork(6, 24, 3, 1);
    const sizes = Array.from({ length: 300 }, (_, i) => 2000 + 7 * i);
    const largest = 2 * 4 * (sizes.at(-1) ?? 0) * 24 * 8 * 2;
    for (const rows of sizes) {
      const batch = nn.tensor(new Float32Array(rows * 6), [rows, 6]);
      model.forward(batch).sum().backward();
      expect(pool.idleBytes).toBeLessThanOrEqual(Math.max(64 * 2 ** 20, largest));
    }
  });

  it('keeps no more than its limit, and gives up the sizes that were asked for least recently', () => {
    pool.clear();
    const lengths = [1, 2, 3].map((n) => n * 2 ** 22);
    for (const length of lengths) pool.release(new Float32Array(length));
    const before = pool.allocations;
    pool.take('float32', lengths[2] ?? 0);
    expect(pool.allocations).toBe(before);
    pool.take('float32', lengths[0] ?? 0);
    expect(pool.allocations).toBe(before + 1);
    pool.clear();
    expect(pool.idleBytes).toBe(0);
  });
});
