import { expect, it } from 'vitest';
import { limitText } from '../../bench/limits.js';
import { timingOf } from '../../bench/measure.js';
import { sizesOf } from '../../bench/training/networks.js';
import { forwardOperations, trainingOperations } from '../../bench/training/operations.js';

it('counts what a training step multiplies and adds', () => {
  const sizes = sizesOf(false);
  const [one, two, three] = [784 * 512, 512 * 256, 256 * 10];
  expect(forwardOperations('mlp', sizes, 128)).toBe(2 * 128 * (one + two + three));
  // The first layer's input wants no gradient.
  expect(trainingOperations('mlp', sizes, 128)).toBe(2 * 128 * (2 * one + 3 * two + 3 * three));

  const first = 28 * 28 * 32 * 9;
  const others = 14 * 14 * 64 * 32 * 9 + 3136 * 128 + 128 * 10;
  expect(forwardOperations('cnn', sizes, 64)).toBe(2 * 64 * (first + others));
  expect(trainingOperations('cnn', sizes, 64)).toBe(2 * 64 * (2 * first + 3 * others));

  // Query, key, value and output; two layers four times as wide; scores and sums over 1, 2, ... 64 positions.
  const layer = 64 * (4 * 128 * 128 + 2 * 128 * 512) + 2 * 2080 * 128;
  const forward = 2 * 32 * (2 * layer + 64 * 128 * 65);
  expect(forwardOperations('transformer', sizes, 32)).toBe(forward);
  expect(trainingOperations('transformer', sizes, 32)).toBe(3 * forward);
});

it('says what the limit amounts to', () => {
  const contender = { name: 'limit', threads: 1, work: 10, run: () => ({ seconds: 1, processor: 1 }) };
  // Five steps in two seconds.
  const limit = timingOf(contender, 5, [{ seconds: 2, processor: 2 }]);
  expect(limitText(limit, { operations: 4e9 })).toBe('10 GFLOP/s');
  expect(limitText(limit, { elements: 1e9, reads: 2, writes: 1 })).toBe('30 GB/s');
  expect(limitText(undefined, { operations: 1 })).toBe('-');
});
