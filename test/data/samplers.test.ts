import { describe, expect, it } from 'vitest';
import {
  BatchSampler,
  DistributedSampler,
  RandomSampler,
  type Sampler,
  SequentialSampler,
  WeightedRandomSampler,
} from '../../src/data/index.js';

const sorted = (indices: Iterable<number>) => [...indices].sort((a, b) => a - b);
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('RandomSampler', () => {
  it('has all samples once, in an order that the seed and the epoch decide', () => {
    const sampler = new RandomSampler(50, { seed: 3 });
    const [first, second] = [sampler.indices(0), sampler.indices(1)];
    expect([sorted(first), sorted(second)]).toEqual([upTo(50), upTo(50)]);
    expect(first).not.toEqual(second);
    expect(new RandomSampler(50, { seed: 3 }).indices(1)).toEqual(second);
    expect(new RandomSampler(50, { seed: 4 }).indices(1)).not.toEqual(second);
    const out = new Int32Array(50);
    expect(sampler.indices(0, out)).toBe(out);
    expect(out).toEqual(first);
  });

  it('has as many as it is asked for', () => {
    expect(new Set(new RandomSampler(50, { count: 20 }).indices(0)).size).toBe(20);
    const many = new RandomSampler(10, { count: 25 }).indices(0);
    expect(sorted(many.subarray(0, 10))).toEqual(upTo(10));
    expect(sorted(many.subarray(10, 20))).toEqual(upTo(10));
    expect(new Set(many.subarray(20)).size).toBe(5);
    const drawn = new RandomSampler(10, { replacement: true, count: 1000 }).indices(0);
    expect(new Set(drawn).size).toBe(10);
    const counts = upTo(10).map((i) => drawn.filter((one) => one === i).length);
    // Five deviations.
    for (const count of counts) expect(Math.abs(count - 100)).toBeLessThan(48);
  });
});

describe('WeightedRandomSampler', () => {
  const weights = [0, 1, 2, 0, 5, 0];

  it('draws as the weights say', () => {
    const drawn = new WeightedRandomSampler(weights, 8000).indices(0);
    const shares = weights.map((_, i) => drawn.filter((one) => one === i).length / 8000);
    for (const [i, share] of shares.entries()) {
      if (weights[i] === 0) expect(share).toBe(0);
      expect(Math.abs(share - weights[i] / 8)).toBeLessThan(0.03);
    }
  });

  it('draws without replacement by what is left', () => {
    const sampler = new WeightedRandomSampler(weights, 2, { replacement: false });
    const firsts = upTo(4000).map((epoch) => [...sampler.indices(epoch)]);
    for (const [a, b] of firsts) expect(a !== b && weights[a] > 0 && weights[b] > 0).toBe(true);
    const share = (of: number[]) => firsts.filter(([a, b]) => a === of[0] && b === of[1]).length / 4000;
    expect(share([4, 2])).toBeCloseTo((5 / 8) * (2 / 3), 1.2);
    expect(share([1, 2])).toBeCloseTo((1 / 8) * (2 / 7), 1.2);
  });

  it.each([
    [[[1, -1], 1], /weights\[1\] must be a finite number of at least 0/],
    [[[0, 0], 1], /weights must hold one greater than 0/],
    [[[1, 0], 2, { replacement: false }], /count must be at most the 1 weights/],
    [[3, 1], /weights must be an array of numbers/],
    [[[1], 0], /count must be an integer of at least 1/],
  ])('refuses %#', (args, message) => {
    expect(() => Reflect.construct(WeightedRandomSampler, args)).toThrow(message);
  });
});

describe('DistributedSampler', () => {
  // What torch.utils.data.DistributedSampler 1.13 gives without shuffle.
  it.each([
    [
      10,
      3,
      false,
      [
        [0, 3, 6, 9],
        [1, 4, 7, 0],
        [2, 5, 8, 1],
      ],
    ],
    [
      10,
      3,
      true,
      [
        [0, 3, 6],
        [1, 4, 7],
        [2, 5, 8],
      ],
    ],
    [2, 5, false, [[0], [1], [0], [1], [0]]],
    [
      8,
      2,
      false,
      [
        [0, 2, 4, 6],
        [1, 3, 5, 7],
      ],
    ],
  ])('gives %d samples to %d processes, dropLast %s', (length, size, dropLast, expected) => {
    const all = upTo(size).map((rank) => {
      const sampler = new DistributedSampler(length, { rank, size, dropLast, shuffle: false });
      expect(sampler.length).toBe(expected[rank]?.length);
      return [...sampler.indices(0)];
    });
    expect(all).toEqual(expected);
  });

  it('shares one order', () => {
    const order = new RandomSampler(10, { seed: 2 }).indices(5);
    const parts = [0, 1].map((rank) => new DistributedSampler(10, { rank, size: 2, seed: 2 }).indices(5));
    expect([...order].map((_, i) => parts[i % 2]?.[i >> 1])).toEqual([...order]);
    expect(() => new DistributedSampler(10, { rank: 2, size: 2 })).toThrow(/rank must be below the size 2/);
    expect(() => new DistributedSampler(1, { rank: 0, size: 2, dropLast: true })).toThrow(
      /size must be at most/,
    );
  });
});

describe('BatchSampler', () => {
  it('cuts what a sampler says', () => {
    const sampler = new SequentialSampler(7);
    const batches = (dropLast: boolean) =>
      Array.from(new BatchSampler(sampler, { batchSize: 3, dropLast }).batches(0), (batch) => [...batch]);
    expect(batches(false)).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    expect(batches(true)).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(new BatchSampler(sampler, { batchSize: 3 }).length).toBe(3);
  });

  it('refuses what is no sampler, and what one says that is none of its indices', () => {
    expect(() => Reflect.construct(BatchSampler, [{}])).toThrow(
      /sampler must have length and indices\(epoch\)/,
    );
    const wrong = { length: 2, indices: () => new Int32Array(3) };
    const own: Sampler = wrong;
    expect(() => [...new BatchSampler(own).batches(0)]).toThrow(
      /must return an Int32Array of 2 indices, got Int32Array\(3\)/,
    );
  });
});
