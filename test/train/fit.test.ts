import { describe, expect, it, vi } from 'vitest';
import { currentTarget, targets, threads, useTarget, useThreads } from '../../src/backend/select.js';
import { Adam, reduceOnPlateau, SGD } from '../../src/index.js';
import { pool } from '../../src/nn/engine/pool.js';
import * as nn from '../../src/nn/index.js';
import {
  type EpochReport,
  ExponentialMovingAverage,
  type FitOptions,
  fit,
  type StepReport,
} from '../../src/train/index.js';
import { examples, network, weightsOf } from './helpers.js';

type Options = Partial<FitOptions<Int32Array>>;

/** Trains a new network. */
async function train(options: Options = {}, seed = 1) {
  const model = network(seed);
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const history = await fit(model, examples(), {
    loss: nn.crossEntropy,
    optimizer,
    epochs: 3,
    ...options,
  });
  return { model, optimizer, history, weights: weightsOf(model) };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

const validation = examples();
const metrics = { accuracy: nn.accuracy };

describe('fit', () => {
  it('learns, and tells how', async () => {
    const { history } = await train({ epochs: 60, validation, metrics });
    const [first, last] = [history.epochs[0], history.epochs.at(-1)];
    expect(history).toMatchObject({ steps: 240, endedBy: 'epochs', bestEpoch: null });
    expect(history.epochs.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 60 }, (_, i) => i));
    expect(last?.validation?.loss).toBeLessThan(0.85 * (first?.validation?.loss ?? 0));
    expect(last?.validation?.metrics.accuracy).toBeGreaterThan(0.65);
    expect(last?.metrics.accuracy).toBeGreaterThan(0.6);
    expect(last?.samplesPerSecond).toBeGreaterThan(0);
  });

  it('tells the time that learning took, without callbacks, and the speed of each epoch', async () => {
    const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 10));
    const steps: number[] = [];
    const start = performance.now();
    const afterStep = ({ seconds }: { seconds: number }) => {
      steps.push(seconds);
      return pause();
    };
    const { history } = await train({ epochs: 2, afterStep });
    const wall = (performance.now() - start) / 1000;
    const [first, second] = history.epochs;
    expect(steps.length).toBe(history.steps);
    for (const [i, seconds] of steps.entries()) expect(seconds).toBeGreaterThan(steps[i - 1] ?? 0);
    expect(second.seconds).toBe(steps.at(-1));
    expect(second.seconds).toBeLessThan(wall - 0.009 * steps.length);
    const rows = examples().x.shape[0];
    expect(first.samplesPerSecond).toBeCloseTo(rows / first.seconds, 6);
    expect(second.samplesPerSecond / (rows / (second.seconds - first.seconds))).toBeCloseTo(1, 9);
  });

  it('gives the same weights for the same seed, with Dropout, whatever else draws numbers', async () => {
    const first = await train({ seed: 7 });
    nn.manualSeed(99);
    const [second, other] = await Promise.all([train({ seed: 7 }), train({ seed: 8 })]);
    expect(second.weights).toEqual(first.weights);
    expect(second.history.epochs.map(({ loss }) => loss)).toEqual(
      first.history.epochs.map(({ loss }) => loss),
    );
    expect(other.weights).not.toEqual(first.weights);
  });

  it('gives the same weights on every native target with any number of threads', async () => {
    const initial = { target: currentTarget(), threads: threads() };
    const results: number[][] = [];
    try {
      for (const target of targets().filter((name) => name !== 'typescript')) {
        useTarget(target);
        for (const count of [1, 3]) {
          useThreads(count);
          const ema = { decay: 0.9 };
          const model = network();
          const average = new ExponentialMovingAverage(model.parameters(), ema);
          const optimizer = new Adam(model.parameters());
          await fit(model, examples(), { loss: nn.crossEntropy, optimizer, ema: average, clipGradNorm: 0.1 });
          average.apply();
          results.push(weightsOf(model));
        }
      }
    } finally {
      useTarget(initial.target);
      useThreads(initial.threads);
    }
    for (const result of results) expect(result).toEqual(results[0]);
  });

  it('has the defaults it says: one epoch from seed 0, 32 shuffled rows at once, and no word on stderr', async () => {
    const write = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    try {
      const byDefault = network();
      const optimizer = new Adam(byDefault.parameters(), { lr: 0.01 });
      const { steps } = await fit(byDefault, examples(), { loss: nn.crossEntropy, optimizer });
      const said = { epochs: 1, initialEpoch: 0, seed: 0, batchSize: 32, shuffle: true, dropLast: false };
      expect(weightsOf(byDefault)).toEqual((await train({ ...said, gradientAccumulation: 1 })).weights);
      expect(weightsOf(byDefault)).not.toEqual((await train({ ...said, shuffle: false })).weights);
      expect(steps).toBe(4);
      expect(write).not.toHaveBeenCalled();
    } finally {
      write.mockRestore();
    }
  });

  it('goes on where another ended, as if they were one', async () => {
    const whole = await train({ epochs: 4, seed: 3 });
    const { model, optimizer } = await train({ epochs: 2, seed: 3 });
    const options = { loss: nn.crossEntropy, optimizer, epochs: 2, initialEpoch: 2, seed: 3 };
    const { epochs } = await fit(model, examples(), options);
    expect(epochs.map(({ epoch }) => epoch)).toEqual([2, 3]);
    expect(weightsOf(model)).toEqual(whole.weights);
  });

  it('takes the step of all rows of accumulated batches, also where the last ones are fewer', async () => {
    const run = async (options: Options) => {
      const model = new nn.Sequential(new nn.Linear(2, 8, { generator: new nn.Generator(4) }), new nn.Tanh());
      const optimizer = new SGD(model.parameters(), { lr: 0.5 });
      const history = await fit(model, examples(), {
        loss: nn.crossEntropy,
        optimizer,
        epochs: 2,
        ...options,
      });
      return { history, weights: weightsOf(model) };
    };
    // 120 rows: steps of 50, 50 and 20 rows.
    const whole = await run({ batchSize: 50 });
    const parts = await run({ batchSize: 10, gradientAccumulation: 5 });
    expect(parts.history.steps).toBe(6);
    expect(whole.history.steps).toBe(6);
    for (const [i, weight] of parts.weights.entries()) expect(weight).toBeCloseTo(whole.weights[i] ?? 0, 5);
    expect(parts.history.epochs[1]?.loss).toBeCloseTo(whole.history.epochs[1]?.loss ?? 0, 5);
  });

  it('is the loop one would write', async () => {
    const { weights } = await train({ epochs: 2, batchSize: 50, clipGradNorm: 1e9, shuffle: false });
    // Dropout draws from a generator of fit's own: without it, the loops are the same.
    const model = network();
    const plain = new nn.Sequential(
      ...model.namedChildren().flatMap(([, m]) => (m instanceof nn.Dropout ? [] : [m])),
    );
    const optimizer = new Adam(plain.parameters(), { lr: 0.01 });
    const other = network();
    const otherPlain = new nn.Sequential(
      ...other.namedChildren().flatMap(([, m]) => (m instanceof nn.Dropout ? [] : [m])),
    );
    await fit(otherPlain, examples(), {
      loss: nn.crossEntropy,
      optimizer: new Adam(otherPlain.parameters(), { lr: 0.01 }),
      epochs: 2,
      batchSize: 50,
      shuffle: false,
    });
    const { x, y } = examples();
    for (let step = 0; step < 6; step++) {
      const [from, to] =
        [
          [0, 50],
          [50, 100],
          [100, 120],
        ][step % 3] ?? [];
      const batch = nn.tensor(x.value.slice(2 * (from ?? 0), 2 * (to ?? 0)), [(to ?? 0) - (from ?? 0), 2]);
      optimizer.zeroGrad();
      nn.crossEntropy(plain.forward(batch), y.slice(from, to)).backward();
      optimizer.step();
    }
    expect(weightsOf(otherPlain)).toEqual(weightsOf(plain));
    expect(weights).not.toEqual(weightsOf(plain));
  });

  it('reports steps and epochs, and waits for who listens', async () => {
    const [steps, epochs]: [StepReport[], EpochReport[]] = [[], []];
    let running = 0;
    const wait = async (_: number) => {
      expect(++running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
    };
    const { history } = await train({
      schedule: (step) => 0.01 / (1 + step),
      clipGradNorm: 1e9,
      afterStep: (report) => wait(steps.push(report)),
      afterEpoch: (report) => wait(epochs.push(report)),
    });
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(steps.map(({ lr }) => lr)).toEqual(Array.from({ length: 12 }, (_, i) => 0.01 / (1 + i)));
    expect(steps.map(({ samples }) => samples).slice(0, 4)).toEqual([32, 64, 96, 120]);
    for (const { gradNorm } of steps) expect(gradNorm).toBeGreaterThan(0);
    expect(epochs).toEqual(history.epochs);
    const mean = (32 * sum(steps.slice(0, 3).map(({ loss }) => loss)) + 24 * (steps[3]?.loss ?? 0)) / 120;
    expect(epochs[0]?.loss).toBeCloseTo(mean, 12);
  });

  it('clips the norm of the gradients', async () => {
    const model = network();
    const before = weightsOf(model);
    const optimizer = new SGD(model.parameters(), { lr: 1 });
    const norms: (number | null)[] = [];
    await fit(model, examples(), {
      loss: nn.crossEntropy,
      optimizer,
      batchSize: 120,
      clipGradNorm: 1e-3,
      afterStep: ({ gradNorm }) => norms.push(gradNorm),
    });
    expect(norms[0]).toBeGreaterThan(1e-2);
    const moved = Math.hypot(...weightsOf(model).map((weight, i) => weight - (before[i] ?? 0)));
    expect(moved).toBeGreaterThan(9e-4);
    expect(moved).toBeLessThan(1.1e-3);
  });

  it('tells schedules that go by a metric, once per epoch', async () => {
    const schedule = reduceOnPlateau(0.01, {
      patience: 0,
      factor: 0.5,
      threshold: 1e9,
      thresholdMode: 'abs',
    });
    const { history } = await train({ schedule });
    expect(history.epochs.map(({ lr }) => lr)).toEqual([0.01, 0.01, 0.005]);
    const unobserved = await train({ schedule: reduceOnPlateau(0.01, { patience: 0 }), observe: false });
    expect(unobserved.history.epochs.map(({ lr }) => lr)).toEqual([0.01, 0.01, 0.01]);
  });

  it('judges in evaluation mode, learns in training mode, and leaves every module as it was', async () => {
    const model = network();
    const dropout = model.namedChildren()[2]?.[1];
    model.eval();
    dropout?.train();
    const modes: boolean[] = [];
    const watch = (logits: nn.Tensor, labels: Int32Array) => {
      modes.push(dropout?.training ?? false);
      return nn.accuracy(logits, labels);
    };
    const optimizer = new Adam(model.parameters());
    const options = { loss: nn.crossEntropy, optimizer, batchSize: 120, validation, metrics: { watch } };
    await fit(model, examples(), options);
    expect(modes).toEqual([true, false]);
    expect([model.training, dropout?.training]).toEqual([false, true]);
  });

  it.each([
    ['was in evaluation mode', (model: nn.Module) => model.eval(), () => {}],
    ['is put into evaluation mode by a callback', () => {}, (model: nn.Module) => model.eval()],
  ])('learns in training mode a model that %s', async (_, before, meanwhile) => {
    const run = async (change: boolean) => {
      const generator = new nn.Generator(1);
      const layers = [new nn.Linear(2, 3, { generator }), new nn.BatchNorm1d(3), new nn.Dropout()];
      const model = new nn.Sequential(...layers, new nn.Linear(3, 2, { generator }));
      const optimizer = new SGD(model.parameters(), { lr: 0.1 });
      const call = () => void (change && meanwhile(model));
      if (change) before(model);
      const options = { loss: nn.crossEntropy, optimizer, epochs: 2, afterStep: call, afterEpoch: call };
      await fit(model, examples(), options);
      return model.stateDict();
    };
    expect(await run(true)).toEqual(await run(false));
  });

  it('lets Dropout choose anew at every step and in every epoch', async () => {
    /** Which inputs, all of them 1, were kept. */
    const choices: string[] = [];
    class Watched extends nn.Module {
      readonly dropout = new nn.Dropout();
      readonly linear = new nn.Linear(16, 2, { generator: new nn.Generator(1) });
      override forward(x: nn.Tensor): nn.Tensor {
        const y = this.dropout.forward(x);
        choices.push(y.value.map((value) => Math.sign(value)).join(''));
        return this.linear.forward(y);
      }
    }
    const ones = { x: nn.tensor(new Float32Array(8 * 16).fill(1), [8, 16]), y: new Int32Array(8) };
    const model = new Watched();
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const options = { loss: nn.crossEntropy, optimizer, batchSize: 4, seed: 5 };
    await fit(model, ones, { ...options, epochs: 3 });
    expect(choices).toHaveLength(6);
    expect(new Set(choices).size).toBe(6);
    const whole = choices.splice(0);
    await fit(model, ones, { ...options, initialEpoch: 2 });
    expect(choices).toEqual(whole.slice(4));
  });

  it('allocates nothing but its losses once it runs', async () => {
    const counts: number[] = [];
    const afterEpoch = () => counts.push(pool.allocations);
    await train({ epochs: 5, validation, metrics, afterEpoch, gradientAccumulation: 2, batchSize: 16 });
    const differences = counts.slice(1).map((count, i) => count - (counts[i] ?? 0));
    // 8 batches an epoch: each keeps the one value of its loss, twice where it is scaled.
    expect(Math.max(...differences)).toBeLessThanOrEqual(16);
    expect(new Set(differences.slice(1)).size).toBe(1);
  });
});
