import { describe, expect, it } from 'vitest';
import { cnn, tiny } from '../../bench/training/networks.js';
import { currentTarget, targets, threads, useTarget, useThreads } from '../../src/backend/select.js';
import { Adam, reduceOnPlateau, SGD } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import { pool } from '../../src/nn/pool.js';
import {
  DataLoader,
  DivergedError,
  type EpochReport,
  type Examples,
  ExponentialMovingAverage,
  evaluate,
  type FitOptions,
  fit,
  type StepReport,
} from '../../src/train/index.js';
import { examples, network, weightsOf } from './helpers.js';

/** The rows of these examples, so many times. */
function repeated({ x, y }: Examples<Int32Array>, times: number): Examples<Int32Array> {
  const rows = Int32Array.from({ length: times * y.length }, (_, row) => row % y.length);
  return { x: nn.gatherRows(x, rows), y: rows.map((row) => y[row]) };
}

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

const validation = examples();
const metrics = { accuracy: nn.accuracy };

describe('fit', () => {
  it('learns, and tells how', async () => {
    const { history } = await train({ epochs: 60, validation, metrics });
    const [first, last] = [history.epochs[0], history.epochs.at(-1)];
    expect(history).toMatchObject({ steps: 240, stoppedEarly: false, bestEpoch: null });
    expect(history.epochs.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 60 }, (_, i) => i));
    expect(last?.validation?.loss).toBeLessThan(0.85 * (first?.validation?.loss ?? 0));
    expect(last?.validation?.metrics.accuracy).toBeGreaterThan(0.65);
    expect(last?.metrics.accuracy).toBeGreaterThan(0.6);
    expect(last?.samplesPerSecond).toBeGreaterThan(0);
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
      onStep: (report) => wait(steps.push(report)),
      onEpoch: (report) => wait(epochs.push(report)),
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
      onStep: ({ gradNorm }) => norms.push(gradNorm),
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

  it('allocates nothing but its losses once it runs', async () => {
    const counts: number[] = [];
    const onEpoch = () => counts.push(pool.allocations);
    await train({ epochs: 5, validation, metrics, onEpoch, gradientAccumulation: 2, batchSize: 16 });
    const differences = counts.slice(1).map((count, i) => count - (counts[i] ?? 0));
    // 8 batches an epoch: each keeps the one value of its loss, twice where it is scaled.
    expect(Math.max(...differences)).toBeLessThanOrEqual(16);
    expect(new Set(differences.slice(1)).size).toBe(1);
  });
});

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

describe('early stopping', () => {
  it('ends after `patience` epochs without improvement, with the best weights', async () => {
    const seen: number[][] = [];
    const model = network();
    // Gets better, then worse: the loss of what it is told to judge.
    const values = [5, 3, 2, 4, 3, 2.5, 1];
    let epoch = -1;
    const history = await fit(model, examples(), {
      loss: nn.crossEntropy,
      optimizer: new Adam(model.parameters()),
      epochs: 7,
      metrics: { value: () => values[epoch + 1] ?? 0 },
      monitor: 'value',
      onEpoch: () => {
        epoch++;
        seen.push(weightsOf(model));
      },
      earlyStopping: { patience: 3, mode: 'min' },
    });
    expect(history).toMatchObject({ stoppedEarly: true, bestEpoch: 2 });
    expect(history.epochs).toHaveLength(6);
    expect(weightsOf(model)).toEqual(seen[2]);
    expect(weightsOf(model)).not.toEqual(seen[5]);
  });

  it('counts an improvement from minDelta on, and can leave the last weights', async () => {
    const seen: number[][] = [];
    const values = [1, 0.95, 0.9, 0.5, 0.45];
    let epoch = -1;
    const model = network();
    const history = await fit(model, examples(), {
      loss: nn.crossEntropy,
      optimizer: new Adam(model.parameters()),
      epochs: 5,
      metrics: { value: () => -(values[epoch + 1] ?? 0) },
      monitor: 'value',
      onEpoch: () => {
        epoch++;
        seen.push(weightsOf(model));
      },
      earlyStopping: { patience: 3, minDelta: 0.2, mode: 'max', restoreBest: false },
    });
    expect(history).toMatchObject({ stoppedEarly: false, bestEpoch: 3 });
    expect(weightsOf(model)).toEqual(seen[4]);
  });
});

describe('ema', () => {
  it('is the average of the weights, bit for bit as written out', async () => {
    const model = network();
    const ema = new ExponentialMovingAverage(model.parameters(), { decay: 0.9, warmup: false });
    const expected = model.parameters().map(({ value }) => value.slice());
    const f = Math.fround;
    const onStep = () => {
      for (const [p, { value }] of model.parameters().entries()) {
        const average = expected[p] ?? new Float32Array();
        for (const [i, w] of value.entries()) {
          const a = average[i] ?? 0;
          average[i] = f(a - f(f(1 - 0.9) * f(-w + a)));
        }
      }
    };
    const optimizer = new Adam(model.parameters());
    await fit(model, examples(), { loss: nn.crossEntropy, optimizer, epochs: 3, ema, onStep });
    expect(ema.updates).toBe(12);
    const weights = weightsOf(model);
    ema.apply();
    expect(weightsOf(model)).toEqual(expected.flatMap((array) => [...array]));
    expect(weightsOf(model)).not.toEqual(weights);
    expect(() => ema.update()).toThrow(
      /update\(\) cannot run while the averages are in the model: call restore/,
    );
    expect(() => ema.apply()).toThrow(/call restore\(\) first/);
    ema.restore();
    expect(weightsOf(model)).toEqual(weights);
    expect(() => ema.restore()).toThrow(/call apply\(\) first/);
  });

  it('is what validation judges', async () => {
    const model = network();
    const ema = new ExponentialMovingAverage(model.parameters());
    const optimizer = new Adam(model.parameters(), { lr: 0.05 });
    const options = { loss: nn.crossEntropy, optimizer, epochs: 2, ema, validation };
    const { epochs } = await fit(model, examples(), options);
    const own = await evaluate(model, validation, { loss: nn.crossEntropy, batchSize: 32 });
    ema.apply();
    const averaged = await evaluate(model, validation, { loss: nn.crossEntropy, batchSize: 32 });
    expect(epochs[1]?.validation).toEqual(averaged);
    expect(averaged).not.toEqual(own);
  });
});

describe('while it runs', () => {
  const images = cnn({ ...tiny, batch: 16, channels: [4, 8], side: 28 });
  const pixels = images.examples(nn, 1);
  const points = {
    x: nn.tensor(new Float32Array(2 * 20_000).fill(0.5), [20_000, 2]),
    y: new Int32Array(20_000),
  };

  it.each([
    ['a perceptron', () => network(1, 64), points, 64, 3],
    // A validation of 1,000 images at once would take longer.
    ['a convolutional network', () => images.model(nn), repeated(pixels, 60), images.batch, 1],
  ])('a timer of 10 ms fires within 50 ms: %s', async (_, make, data, batchSize, epochs) => {
    const model = make();
    const optimizer = new Adam(model.parameters());
    const options = { loss: nn.crossEntropy, optimizer, batchSize, epochs, validation: data };
    // What is not compiled yet is slower.
    await fit(model, data, { ...options, epochs: 1 });
    // In time that this process has had of the processor: others may be at work.
    const used = () => process.cpuUsage().user / 1000;
    const late: number[] = [];
    let set = used();
    let timer = setTimeout(function tick() {
      late.push(used() - set);
      set = used();
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
    const onStep = ({ step }: StepReport) => {
      expect([step, fired]).toEqual([1, true]);
    };
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const { steps } = await fit(model, data, { loss: nn.crossEntropy, optimizer, batchSize: 256, onStep });
    clearTimeout(timer);
    expect(steps).toBe(1);
  });

  it('can be aborted, by a timer too, and the model can be used and trained on', async () => {
    const model = network();
    const optimizer = new Adam(model.parameters());
    const controller = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => controller.abort(reason), 30);
    const ema = new ExponentialMovingAverage(model.parameters());
    const options = { loss: nn.crossEntropy, optimizer, epochs: 100_000, ema, validation };
    await expect(fit(model, examples(), { ...options, signal: controller.signal })).rejects.toBe(reason);
    expect(ema.applied).toBe(false);
    expect(optimizer.steps).toBeGreaterThan(0);
    for (const { grad } of model.parameters()) expect(grad?.every((g) => g === 0)).toBe(true);
    expect(weightsOf(model).every(Number.isFinite)).toBe(true);
    await fit(model, examples(), { ...options, epochs: 1 });
    const steps = optimizer.steps;
    await expect(fit(model, examples(), { ...options, signal: controller.signal })).rejects.toBe(reason);
    expect(optimizer.steps).toBe(steps);
  });

  it('an error of a callback or a loss ends it, and leaves modes and gradients in order', async () => {
    const model = network();
    const optimizer = new Adam(model.parameters());
    model.eval();
    const fail = () => {
      throw new Error('callback');
    };
    const options = { loss: nn.crossEntropy, optimizer };
    await expect(fit(model, examples(), { ...options, onStep: fail })).rejects.toThrow('callback');
    expect(model.training).toBe(false);
    await expect(fit(model, examples(), { ...options, onEpoch: fail })).rejects.toThrow('callback');
  });

  it('ends at a loss that is no number, before its step', async () => {
    const model = network();
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const x = nn.tensor([1, 2, 3, Number.NaN], [2, 2]);
    const options = { loss: nn.crossEntropy, optimizer, batchSize: 1, shuffle: false };
    const failed = fit(model, { x, y: Int32Array.of(0, 1) }, options);
    await expect(failed).rejects.toThrow(DivergedError);
    await expect(failed).rejects.toThrow(/the loss is NaN at step 2, in epoch 0: take a lower learning rate/);
    expect(optimizer.steps).toBe(1);
    expect(weightsOf(model).every(Number.isFinite)).toBe(true);
  });

  it.each([
    ['a terminal', true],
    ['a file', false],
  ])('shows its progress on %s', async (_, isTTY) => {
    let text = '';
    const output = { isTTY, columns: 100, write: (part: string) => (text += part) };
    await train({ epochs: 2, validation, metrics, progress: output });
    const lines = text.split('\n').filter((line) => line !== '');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(
      /epoch 2\/2 {2}loss [\d.]+ {2}accuracy [\d.]+ {2}validation loss [\d.]+ {2}validation accuracy [\d.]+ {2}[\d,]+ rows\/s/,
    );
    expect(text.includes('━')).toBe(isTTY);
    expect(text.includes('\x1b')).toBe(isTTY);
  });
});

describe('refuses', () => {
  const model = network();
  const optimizer = new Adam(model.parameters());
  const loader = new DataLoader(examples());
  it.each([
    [[{}, examples(), {}], /model must be a Module/],
    [[model, examples(), { loss: 'mse', optimizer }], /loss must be a function of output and target/],
    [[model, examples(), { loss: nn.crossEntropy, optimizer: {} }], /optimizer must be an optimizer such as/],
    [
      [model, examples(), { loss: nn.crossEntropy, optimizer, epoch: 3 }],
      /fit has no option "epoch"; did you mean "epochs"/,
    ],
    [
      [model, examples(), { loss: nn.crossEntropy, optimizer, epochs: 1e7 }],
      /initialEpoch \+ epochs must be at most/,
    ],
    [
      [model, examples(), { loss: nn.crossEntropy, optimizer, monitor: 'x' }],
      /monitor must be one of "loss"/,
    ],
    [
      [model, examples(), { loss: nn.crossEntropy, optimizer, metrics: { loss: nn.accuracy } }],
      /one called loss/,
    ],
    [
      [model, examples(), { loss: nn.crossEntropy, optimizer, metrics: { a: 1 } }],
      /metrics.a must be a function/,
    ],
    [
      [model, loader, { loss: nn.crossEntropy, optimizer, batchSize: 2 }],
      /batchSize must not be given with a Data/,
    ],
    [[model, examples(), { loss: nn.crossEntropy, optimizer, ema: {} }], /ema must be an ExponentialMoving/],
    [[model, examples(), { loss: nn.crossEntropy, optimizer, signal: {} }], /signal must be an AbortSignal/],
    [
      [
        model,
        examples(),
        { loss: nn.crossEntropy, optimizer, metrics, monitor: 'accuracy', earlyStopping: {} },
      ],
      /earlyStopping.mode must say whether a lower or a higher accuracy is better/,
    ],
    [[model, examples(), { loss: () => 1, optimizer }], /loss must return a Tensor of one element/],
  ])('%#', async (args, message) => {
    await expect(Reflect.apply(fit, undefined, args)).rejects.toThrow(message);
  });
});
