import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { SequentialSampler, WeightedRandomSampler } from '../../src/data/index.js';
import { Adam, SGD } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import {
  DataLoader,
  type Examples,
  evaluate,
  fit,
  openLoader,
  type SampleLoader,
} from '../../src/train/index.js';
import { examples, network, spirals, weightsOf } from './helpers.js';

const loss = nn.crossEntropy;
const metrics = { accuracy: nn.accuracy };

const sampleOf = (row: number) => ({
  x: spirals.features.subarray(2 * row, 2 * row + 2),
  y: spirals.labels[row],
});
const samples = { length: spirals.rows, get: sampleOf };
const spiral = new URL('./pipelines/spiral.mjs', import.meta.url);
const argument = { features: spirals.features, labels: spirals.labels };

/** Rows [from, from + 30) of the spirals, one batch after the other. */
async function* batches(): AsyncGenerator<Examples<Int32Array>> {
  for (let from = 0; from < spirals.rows; from += 30) {
    await setImmediate();
    const x = spirals.features.slice(2 * from, 2 * from + 60);
    yield { x: nn.tensor(x, [x.length / 2, 2]), y: spirals.labels.slice(from, from + 30) };
  }
}

type Options = Partial<Parameters<typeof fit<Int32Array>>[2]>;

async function train(data: Parameters<typeof fit<Int32Array>>[1], options: Options = {}) {
  const model = network();
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const history = await fit(model, data, { loss, optimizer, epochs: 3, metrics, ...options });
  return { history, weights: weightsOf(model) };
}

describe('fit', () => {
  it.each([
    ['in its thread', async (options: object) => openLoader({ data: samples }, options)],
    [
      'in threads of their own',
      async (options: object) =>
        openLoader<Int32Array>({ module: spiral, argument }, { ...options, workers: 2, prefetch: 3 }),
    ],
  ])('learns from samples made %s as from rows in memory, in the background as well', async (_, open) => {
    const expected = await train(examples(), { batchSize: 20, gradientAccumulation: 2, seed: 3 });
    const loader: SampleLoader<Int32Array> = await open({ batchSize: 40, rowsAtOnce: 20, seed: 3 });
    for (const background of [false, true]) {
      const { weights, history } = await train(loader, { seed: 3, background });
      expect(weights).toEqual(expected.weights);
      expect(history.epochs.map(({ loss }) => loss)).toEqual(expected.history.epochs.map(({ loss }) => loss));
    }
    await loader.close();
  });

  it.each([false, true])('learns from batches that come one by one, background %s', async (background) => {
    const rows = { batchSize: 30, shuffle: false };
    const { weights } = await train(examples(), rows);
    expect((await train(() => batches(), { background })).weights).toEqual(weights);
    const all: Examples<Int32Array>[] = [];
    for await (const batch of batches()) all.push(batch);
    expect((await train(all)).weights).toEqual(weights);
    const accumulated = await train(examples(), { ...rows, gradientAccumulation: 3 });
    expect((await train(all, { gradientAccumulation: 3, background })).weights).toEqual(accumulated.weights);
  });

  it('gives an optimizer that searches the rows of its step again', async () => {
    const losses: number[] = [];
    const loader = await openLoader({ data: samples }, { batchSize: 40, rowsAtOnce: 15 });
    const model = new nn.Sequential(new nn.Linear(2, 2), new nn.Dropout(0.2));
    const inner = new SGD(model.parameters(), { lr: 0.1 });
    const optimizer = Object.assign(inner, {
      step(closure: () => number) {
        losses.push(closure(), closure());
      },
    });
    await fit(model, loader, { loss, optimizer });
    for (let i = 0; i < losses.length; i += 2) expect(losses[i]).toBeCloseTo(losses[i + 1], 12);
    expect(losses).toHaveLength(6);
  });

  it('judges by whatever gives batches', async () => {
    const expected = await train(examples(), { validation: examples() });
    const judged = expected.history.epochs.map(({ validation }) => validation?.loss ?? 0);
    const loader = await openLoader({ data: samples }, { batchSize: 50 });
    for (const validation of [loader, () => batches(), new DataLoader(examples(), { batchSize: 7 })]) {
      const { history } = await train(examples(), { validation, metrics: {} });
      for (const [i, epoch] of history.epochs.entries()) {
        expect(epoch.validation?.loss).toBeCloseTo(judged[i], 6);
      }
    }
    const model = network();
    const whole = await evaluate(model, examples(), { loss, metrics });
    const parts = await evaluate(model, batches(), { loss, metrics });
    expect(parts.loss).toBeCloseTo(whole.loss, 6);
    expect(parts.metrics.accuracy).toBeCloseTo(whole.metrics.accuracy, 12);
  });

  it('shows the rows that a sampler says', async () => {
    const { length } = spirals.labels;
    const plain = await train(examples(), { shuffle: false, batchSize: 30 });
    const sampler = new SequentialSampler(length);
    const loader = new DataLoader(examples(), { batchSize: 30, sampler });
    expect((await train(loader)).weights).toEqual(plain.weights);
    const ones = Array.from(spirals.labels, (label) => (label === 1 ? 1 : 0));
    const half = new DataLoader(examples(), { batchSize: 10, sampler: new WeightedRandomSampler(ones, 40) });
    expect(half.stepsPerEpoch).toBe(4);
    for (const { y } of half.epoch(0)) expect([...y]).toEqual(Array(10).fill(1));
  });

  it('ends what makes the steps where it ends early', async () => {
    let isOpen = false;
    const data = async function* () {
      isOpen = true;
      try {
        yield* batches();
      } finally {
        isOpen = false;
      }
    };
    const { history } = await train(data, { afterStep: ({ step }) => step === 2 && 'stop' });
    expect([history.steps, isOpen]).toEqual([2, false]);
    const failing = train(data, { beforeStep: () => Promise.reject(new Error('enough')) });
    await expect(failing).rejects.toThrow('enough');
    expect(isOpen).toBe(false);
  });

  it.each([
    [batches(), {}, /data has no rows in epoch 1: what can be gone through once must come from a function/],
    [() => [], {}, /data has no rows in epoch 0/],
    [() => 3, {}, /the function of data must return an iterable of batches, got 3/],
    [[{ x: 1 }], {}, /a batch of data.x must be a Tensor/],
    [[], { batchSize: 3 }, /batchSize must not be given with batches/],
    [examples(), { validation: [], validationBatchSize: 3 }, /validationBatchSize must not be given/],
  ])('refuses %#', async (data, options, message) => {
    await expect(Reflect.apply(train, null, [data, options])).rejects.toThrow(message);
  });
});

describe('callbacks of fit', () => {
  it('are called in their order, beside the hooks among the options', async () => {
    const events: string[] = [];
    const note = (name: string) => ({
      beforeTraining: ({ epochs }: { epochs: number }) => events.push(`${name} training ${epochs}`),
      beforeEpoch: ({ epoch, step }: { epoch: number; step: number }) =>
        events.push(`${name} epoch ${epoch} ${step}`),
      afterEpoch: ({ epoch }: { epoch: number }) => events.push(`${name} after ${epoch}`),
      afterTraining: ({ steps }: { steps: number }) => events.push(`${name} end ${steps}`),
    });
    await train(examples(), { epochs: 2, batchSize: 120, ...note('own'), callbacks: [note('a'), note('b')] });
    const all = (what: string) => ['own', 'a', 'b'].map((name) => `${name} ${what}`);
    const each = ['training 2', 'epoch 0 0', 'after 0', 'epoch 1 1', 'after 1', 'end 2'];
    expect(events).toEqual(each.flatMap(all));
  });

  it.each([false, true])('end the training, each of them, background %s', async (background) => {
    let isLast = false;
    const stop = { afterStep: ({ step }: { step: number }) => step === 3 && 'stop' };
    const last = { afterStep: ({ step }: { step: number }) => (isLast ||= step === 3) };
    const { history } = await train(examples(), { batchSize: 30, background, callbacks: [stop, last] });
    expect([history.steps, history.endedBy, isLast]).toEqual([3, 'afterStep', true]);
  });

  it('keep their this', async () => {
    const callback = { count: 0, afterStep: () => callback.count++ };
    class Counter {
      steps = 0;
      afterStep() {
        this.steps++;
      }
    }
    const counter = new Counter();
    await train(examples(), { epochs: 1, batchSize: 60, callbacks: [counter, callback] });
    expect([counter.steps, callback.count]).toEqual([2, 2]);
  });

  it.each([
    [{ callbacks: {} }, /callbacks must be an array/],
    [{ callbacks: [3] }, /callbacks\[0\] must be an object, got 3/],
    [{ callbacks: [{}, { afterEpoch: 3 }] }, /callbacks\[1\]\.afterEpoch must be a function, got 3/],
    [{ beforeEpoch: 3 }, /^beforeEpoch must be a function, got 3/],
  ])('are refused %#', async (options, message) => {
    await expect(Reflect.apply(train, null, [examples(), options])).rejects.toThrow(message);
  });
});
