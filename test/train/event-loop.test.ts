import { describe, expect, it } from 'vitest';
import { cnn, tiny } from '../../bench/training/networks.js';
import { currentTarget, threads, useThreads } from '../../src/backend/select.js';
import { Adam, SGD } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import { type Examples, fit, type StepReport } from '../../src/train/index.js';
import { network } from './helpers.js';

/** The rows of these examples, so many times. */
function repeated({ x, y }: Examples<Int32Array>, times: number): Examples<Int32Array> {
  const rows = Int32Array.from({ length: times * y.length }, (_, row) => row % y.length);
  return { x: nn.gatherRows(x, rows), y: rows.map((row) => y[row]) };
}

// The machine may stop for a while: what is always late is the training's doing.
describe('while fit runs', { retry: 4 }, () => {
  const images = cnn({ ...tiny, batch: 16, channels: [4, 8], side: 28 });
  const pixels = images.examples(nn, 1);
  const points = {
    x: nn.tensor(new Float32Array(2 * 20_000).fill(0.5), [20_000, 2]),
    y: new Int32Array(20_000),
  };

  it.each([
    ['a perceptron', () => network(1, 64), points, 64, 20],
    // A validation of 1,000 images at once would take longer.
    ['a convolutional network', () => images.model(nn), repeated(pixels, 60), images.batch, 3],
  ])('a timer of 10 ms fires within 50 ms: %s', async (_, make, data, batchSize, epochs) => {
    const model = make();
    const optimizer = new Adam(model.parameters());
    const options = { loss: nn.crossEntropy, optimizer, batchSize, epochs, validation: data };
    // What is not compiled yet is slower.
    await fit(model, data, { ...options, epochs: 1 });
    // The shorter of two times that are no shorter than what this thread took: by the clock, for others may be at work on the
    // processor, and that of all threads of this process, for the engine collects garbage and compiles on some of its own.
    const now = () => [performance.now(), process.cpuUsage().user / 1000];
    const late: number[] = [];
    let set = now();
    let timer = setTimeout(function tick() {
      const times = now();
      late.push(Math.min(...times.map((time, i) => time - set[i])));
      set = now();
      timer = setTimeout(tick, 10);
    }, 10);
    const initial = threads();
    useThreads(1);
    await fit(model, data, options);
    clearTimeout(timer);
    useThreads(initial);
    expect(late.length).toBeGreaterThan(3);
    expect(Math.max(...late)).toBeLessThan(50);
  });

  // In TypeScript there is no other thread.
  it.skipIf(currentTarget() === 'typescript')(
    'and another thread computes, a timer of 5 ms is rarely late at all',
    async () => {
      const model = new nn.Sequential(...Array.from({ length: 3 }, () => new nn.Linear(512, 512)));
      const data = {
        x: nn.tensor(new Float32Array(512 * 512).fill(0.1), [512, 512]),
        y: new Int32Array(512),
      };
      const optimizer = new Adam(model.parameters());
      const options = { loss: nn.crossEntropy, optimizer, batchSize: 256, background: true };
      await fit<Int32Array>(model, data, options);
      const late: number[] = [];
      let due = performance.now() + 5;
      const timer = setInterval(() => {
        late.push(performance.now() - due);
        due = performance.now() + 5;
      }, 5);
      // Slow kernels need no more epochs to let as many timers fire.
      const afterEpoch = () => (late.length > 200 ? ('stop' as const) : undefined);
      await fit<Int32Array>(model, data, { ...options, epochs: 30, afterEpoch });
      clearInterval(timer);
      late.sort((a, b) => a - b);
      expect(late.length).toBeGreaterThan(3);
      // Others may be at work on this machine: a step takes 20 ms, and would make half of the timers as late.
      expect(late[late.length >> 1]).toBeLessThan(4);
    },
  );

  it('a timer fires within a batch that takes longer', async () => {
    const size = 1024;
    const model = new nn.Sequential(...Array.from({ length: 5 }, () => new nn.Linear(size, size)));
    const data = {
      x: nn.tensor(new Float32Array(256 * size).fill(0.5), [256, size]),
      y: new Int32Array(256),
    };
    let fired = false;
    const timer = setTimeout(() => {
      fired = true;
    }, 1);
    const afterStep = ({ step }: StepReport) => {
      expect([step, fired]).toEqual([1, true]);
    };
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const { steps } = await fit(model, data, { loss: nn.crossEntropy, optimizer, batchSize: 256, afterStep });
    clearTimeout(timer);
    expect(steps).toBe(1);
  });
});
