import { describe, expect, it } from 'vitest';
import { twoSpirals } from '../../src/data/index.js';
import * as nn from '../../src/nn/index.js';
import { DataLoader, examplesOf, type Target } from '../../src/train/index.js';

const data = twoSpirals({ pointsPerArm: 100 });

/** Rows that say which one they are. */
const numbered = (rows: number) => ({
  x: nn.tensor(
    Array.from({ length: rows }, (_, row) => row),
    [rows, 1],
  ),
  y: Int32Array.from({ length: 2 * rows }, (_, i) => i),
});

/** Batches are overwritten: each is copied before the next one is asked for. */
const epochOf = <Y extends Int32Array>(loader: DataLoader<Y>, epoch: number) =>
  Array.from(loader.epoch(epoch), ({ x, y, ...batch }) => ({ ...batch, x: [...x.value], y: [...y] }));

describe('DataLoader', () => {
  it('shows every row once in an epoch, in another order the next time, with its targets', () => {
    const loader = new DataLoader(numbered(200), { batchSize: 48, seed: 1 });
    expect(loader.stepsPerEpoch).toBe(5);
    const [first, second] = [epochOf(loader, 0), epochOf(loader, 1)];
    expect(first.map(({ rows }) => rows)).toEqual([48, 48, 48, 48, 8]);
    const order = first.flatMap(({ x }) => x);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, row) => row));
    expect(order).not.toEqual(second.flatMap(({ x }) => x));
    for (const { x, y } of first) expect(y).toEqual(x.flatMap((row) => [2 * row, 2 * row + 1]));
    expect(epochOf(new DataLoader(numbered(200), { batchSize: 48, seed: 1 }), 1)).toEqual(second);
    expect(epochOf(new DataLoader(numbered(200), { batchSize: 48, seed: 2 }), 1)).not.toEqual(second);
  });

  it('leaves out rows that fill no step, where asked to', () => {
    const loader = new DataLoader(numbered(20), { batchSize: 8, dropLast: true });
    expect(loader.stepsPerEpoch).toBe(2);
    expect(epochOf(loader, 0).map(({ rows }) => rows)).toEqual([8, 8]);
    expect(() => new DataLoader(numbered(4), { batchSize: 8, dropLast: true })).toThrow(
      /batchSize must be at most the 4 rows/,
    );
  });

  it('keeps the order of the rows, where asked to', () => {
    const loader = new DataLoader(numbered(5), { batchSize: 2, shuffle: false });
    expect(epochOf(loader, 3).map(({ x }) => x)).toEqual([[0, 1], [2, 3], [4]]);
  });

  it('splits a step into parts whose shares add up', () => {
    const loader = new DataLoader(numbered(10), { batchSize: 7, rowsAtOnce: 3 });
    const batches = epochOf(loader, 0);
    expect(batches.map(({ rows }) => rows)).toEqual([3, 3, 1, 3]);
    expect(batches.map(({ share }) => share)).toEqual([3 / 7, 3 / 7, 1 / 7, 1]);
    expect(batches.map(({ endsStep }) => endsStep)).toEqual([false, false, true, true]);
  });

  it('gives the batches of one step again, in any epoch', () => {
    const loader = new DataLoader(numbered(10), { batchSize: 7, rowsAtOnce: 3 });
    const stepOf = (epoch: number, number: number) =>
      Array.from(loader.step(epoch, number), ({ x, y, ...batch }) => ({
        ...batch,
        x: [...x.value],
        y: [...y],
      }));
    const epochs = [epochOf(loader, 0), epochOf(loader, 1)];
    expect(stepOf(0, 0)).toEqual(epochs[0].slice(0, 3));
    expect(stepOf(1, 1)).toEqual(epochs[1].slice(3));
    expect(() => stepOf(0, 2)).toThrow(new RangeError('number must be below the 2 steps of an epoch, got 2'));
    expect(() => stepOf(0, -1)).toThrow('number must be an integer of at least 0');
    expect(() => stepOf(1_000_000, 0)).toThrow('epoch must be below 1000000');
  });

  it('keeps the epochs apart that are gone through at the same time', () => {
    const loader = new DataLoader(numbered(40), { batchSize: 8 });
    const expected = [epochOf(loader, 0), epochOf(loader, 1)];
    const both = [0, 1].map((epoch) => loader.epoch(epoch)[Symbol.iterator]());
    for (let step = 0; step < loader.stepsPerEpoch; step++) {
      for (const [epoch, batches] of both.entries()) {
        const { value } = batches.next();
        expect([...(value?.x.value ?? [])]).toEqual(expected[epoch]?.[step]?.x);
      }
    }
  });

  it.each([
    ['whole numbers', examplesOf(data)],
    ['a tensor', { x: examplesOf(data).x, y: examplesOf(data).x }],
  ])('uses its arrays again, targets being %s', (_, examples) => {
    const loader = new DataLoader<Target>(examples, { batchSize: 64 });
    const seen = new Set<object>();
    for (const epoch of [0, 1, 2]) {
      for (const { x, y } of loader.epoch(epoch)) seen.add(x.value).add(y instanceof nn.Tensor ? y.value : y);
    }
    // Batches of 64 rows and of 8, each x and y.
    expect(seen.size).toBe(4);
  });

  it('gives rows of any shape, and targets that are tensors', () => {
    const x = nn.tensor(
      Array.from({ length: 24 }, (_, i) => i),
      [4, 2, 3],
    );
    const loader = new DataLoader({ x, y: x }, { batchSize: 3, shuffle: false });
    const [first] = loader.epoch(0);
    expect([first?.x.shape, first?.y.shape]).toEqual([
      [3, 2, 3],
      [3, 2, 3],
    ]);
    expect(first?.x.value).toEqual(first?.y.value);
    expect(examplesOf(data, [1, 2]).x.shape).toEqual([200, 1, 2]);
  });

  it('refuses a shape that rows of the data set do not have', () => {
    const shaped =
      (...shape: unknown[]) =>
      () =>
        Reflect.apply(examplesOf, null, [data, ...shape]);
    expect(shaped([2, 2])).toThrow(/^shape must hold the 2 columns of a row, got \[2, 2\]$/);
    expect(shaped([-1, -2])).toThrow(/^shape\[0\] must be an integer of at least 1, got -1$/);
    expect(shaped(2)).toThrow(/^shape must be an array of the lengths of one row, got 2$/);
  });

  it.each([
    [{ x: [1], y: new Int32Array(1) }, {}, /data.x must be a Tensor, got \[1\]; examplesOf/],
    [{ ...numbered(3), y: new Int32Array(4) }, {}, /as many numbers for each of 3 rows, got 4/],
    [{ ...numbered(3), y: numbered(4).x }, {}, /data.y must have 3 rows as x has, got shape \[4, 1\]/],
    [{ ...numbered(3), y: new Float32Array(3) }, {}, /data.y must be an Int32Array/],
    [numbered(3), { batchsize: 3 }, /DataLoader has no option "batchsize"; did you mean "batchSize"/],
    [null, {}, /data must be an object, got null/],
    [{ ...numbered(3), x: nn.tensor([1], []) }, {}, /data.x must have a dimension of rows, got shape \[\]/],
    [
      { ...numbered(3), x: nn.tensor([1, 2, 3], [3, 1], { requiresGrad: true }) },
      {},
      /data.x must not require a gradient/,
    ],
    [
      { ...numbered(3), y: nn.tensor([1, 2, 3], [3, 1], { requiresGrad: true }) },
      {},
      /data.y must not require a gradient/,
    ],
    [numbered(3), { batchSize: 0 }, /batchSize must be an integer of at least 1/],
  ])('refuses %#', (wrong, options, message) => {
    expect(() => Reflect.construct(DataLoader, [wrong, options])).toThrow(message);
  });
});
