// A run that goes on from any of its checkpoints ends in the bits of one that was never stopped.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import * as lockstep from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import * as train from '../../src/train/index.js';
import { table } from '../optim/table.js';

type Options = train.FitOptions<Int32Array>;
type Optimizer = Options['optimizer'] & { stateDict(): unknown };

const ROWS = 38;
// A file system in memory, where there is one: hundreds of files are waited for until they are on the disk.
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const root = mkdtempSync(join(memory, 'lockstep-resume-'));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;
const newFolder = () => join(root, String(folders++));

const examples = (): train.Examples<Int32Array> => {
  const x = nn.tensor(
    Float32Array.from({ length: ROWS * 3 }, (_, i) => Math.sin(i * i)),
    [ROWS, 3],
  );
  return { x, y: Int32Array.from({ length: ROWS }, (_, i) => i % 2) };
};

/** Has a layer that some steps leave out: its parameters have no gradient before the first one that does not. */
class Sometimes extends nn.Module {
  readonly inner = new nn.Linear(8, 8);
  readonly noise = new nn.Generator(3);
  forward(x: nn.Tensor): nn.Tensor {
    if (!this.training || this.noise.uniform() < 0.6) return x;
    return nn.add(x, this.inner.forward(x));
  }
}

const perceptron = () =>
  new nn.Sequential(
    new nn.Linear(3, 8),
    new nn.BatchNorm1d(8),
    new nn.Tanh(),
    new Sometimes(),
    new nn.Dropout(0.2),
    new nn.Dropout({ probability: 0.1, generator: new nn.Generator(7) }),
    new nn.Linear(8, 2),
  );

/** Tables of which steps use a few rows, now of the one, now of the other. */
class Words extends nn.Module {
  readonly tables = [new nn.Embedding(6, 4, { sparse: true }), new nn.Embedding(6, 4, { sparse: true })];
  readonly output = new nn.Linear(4, 2);
  readonly noise = new nn.Generator(3);
  forward(x: nn.Tensor): nn.Tensor {
    const words = Int32Array.from({ length: x.shape[0] }, (_, row) => Math.abs(6 * x.value[3 * row]) % 6);
    return this.output.forward(this.tables[this.noise.uniform() < 0.7 ? 0 : 1].forward(words));
  }
}

interface Case extends Omit<Partial<Options>, 'ema'> {
  readonly optimizerOf?: (params: nn.Tensor[]) => Optimizer;
  readonly ema?: boolean;
  readonly data?: () => train.Data<Int32Array> | Promise<train.Data<Int32Array>>;
  readonly model?: () => nn.Module;
  /** Steps to go on from. */
  readonly from?: readonly number[];
}

/** All bits that a training leaves, and what it tells but for times. */
async function run(test: Case, weights: number, own: Partial<Options> = {}) {
  const { optimizerOf, ema, data = examples, model: modelOf = perceptron, from: _, ...options } = test;
  nn.manualSeed(weights);
  const model = modelOf();
  const params = model.parameters();
  const optimizer = optimizerOf?.(params) ?? new lockstep.Adam(params, { lr: 0.05 });
  const average = ema ? new train.ExponentialMovingAverage(params) : undefined;
  const reports: unknown[] = [];
  const { afterStep, ...rest } = { ...options, ...own };
  const rows = await data();
  const history = await train.fit<Int32Array>(model, rows, {
    loss: nn.crossEntropy,
    optimizer,
    epochs: 2,
    ...('x' in rows ? { batchSize: 8 } : {}),
    ...(average === undefined ? {} : { ema: average }),
    ...rest,
    afterStep: (report) => {
      const { seconds, ...others } = report;
      reports.push(others);
      return afterStep?.(report);
    },
  });
  const epochs = history.epochs.map(({ seconds, samplesPerSecond, ...others }) => others);
  return {
    bits: {
      model: model.stateDict(),
      optimizer: optimizer.stateDict(),
      average: average?.stateDict(),
      history: { ...history, epochs },
      drawn: nn.rand([1]).item(),
    },
    reports,
  };
}

const every = { steps: 1 };

/** Saves after every step, then goes on from some of these. */
async function expectResumes(test: Case, own: Partial<Options> = {}) {
  const { from = [1, 5, 8] } = test;
  const folder = newFolder();
  const straight = await run(test, 1);
  const saved = await run(test, 1, { checkpoint: { folder, every, keep: 100 } });
  expect(saved).toEqual(straight);
  for (const step of [...from, straight.bits.history.steps]) {
    const resume = join(folder, `step-${step}.safetensors`);
    const resumed = await run(test, 2, { ...own, resume });
    expect(resumed.bits, `from step ${step}`).toEqual(straight.bits);
    expect(resumed.reports).toEqual(straight.reports.slice(step));
  }
}

const momentum = { lr: 0.05, momentum: 0.9 };
const metrics = {
  accuracy: nn.accuracy,
  f1: train.f1({ average: 'weighted' }),
  perplexity: train.perplexity(),
  area: train.rocAuc,
};

/** Batches that draw as they come, and once for their epoch. */
async function* drawn(): AsyncGenerator<train.Examples<Int32Array>> {
  const shift = nn.rand([1]);
  for (let batch = 0; batch < 5; batch++) {
    yield { x: nn.add(nn.randn([4, 3]), shift), y: Int32Array.of(0, 1, 1, 0) };
  }
}

const sampleOf = (i: number) => ({ x: Float32Array.of(Math.sin(i), i % 3, 1), y: i % 2 });

/** A loader of samples that draw: by number, or as they come. */
const samples = (data: train.Pipeline<ReturnType<typeof sampleOf>>['data']) => () =>
  train.openLoader(
    {
      data,
      transform: ({ x, y }, random) => ({
        x: x.map((v) => v + random.uniform()),
        y,
      }),
    },
    { batchSize: 8, seed: 3, ...(typeof data === 'function' ? { shuffleBuffer: 5 } : {}) },
  );

const cases: Record<string, Case> = {
  'dropout, running statistics and shuffling': {},
  'stateful metrics and a validation': { metrics, validation: examples() },
  'early stopping': {
    earlyStopping: { patience: 2, minDelta: 0.5 },
    validation: examples(),
    epochs: 9,
    from: [3, 12],
  },
  'an average': { ema: true, validation: examples() },
  'a schedule of metrics': {
    optimizerOf: (params) =>
      new lockstep.SGD(params, {
        ...momentum,
        lr: lockstep.reduceOnPlateau(0.1, { patience: 0, threshold: 0.9 }),
      }),
  },
  'a schedule of steps': { schedule: lockstep.cosine(0.1, { steps: 15 }), clipGradNorm: 0.1 },
  'tables with gradients of rows': { model: () => new Words() },
  accumulation: { gradientAccumulation: 3, batchSize: 4 },
  SWATS: { optimizerOf: (params) => new lockstep.SWATS(params, { minSwitchStep: 3, switchTolerance: 1 }) },
  LBFGS: { optimizerOf: (params) => new lockstep.LBFGS(params, { maxIter: 3, lr: 0.1 }) },
  SophiaG: {
    optimizerOf: (params) => new lockstep.SophiaG(params, { lr: 0.01, batchSize: 8, hessianInterval: 2 }),
  },
  SAM: { optimizerOf: (params) => new lockstep.SAM(new lockstep.SGD(params, momentum)) },
  Lookahead: { optimizerOf: (params) => new lockstep.Lookahead(new lockstep.Adam(params), { k: 4 }) },
  'states in 8 bits': {
    optimizerOf: (params) => new lockstep.Adam(params, { stateDtype: 'int8' }),
    model: () => new nn.Sequential(new nn.Linear(3, 1400), new nn.Tanh(), new nn.Linear(1400, 2)),
  },
  'schedule-free': {
    optimizerOf: (params) => new lockstep.ScheduleFreeAdamW(params),
    validation: examples(),
  },
  'a DataLoader': {
    data: () => new train.DataLoader(examples(), { batchSize: 8, rowsAtOnce: 3, seed: 5, dropLast: true }),
  },
  'a loader of samples': { data: samples({ length: ROWS, get: sampleOf }) },
  'a loader of a stream': { data: samples(() => Array.from({ length: ROWS }, (_, i) => sampleOf(i))) },
  'batches that are drawn': { data: () => drawn, gradientAccumulation: 2, epochs: 3 },
};

type Create = (params: nn.Tensor[]) => Optimizer;

const matrices = (params: nn.Tensor[]) => params.filter(({ shape }) => shape.length === 2);

/** Those that are not among the cases, and wrappers around others. */
const optimizers: Record<string, Create> = {
  ...Object.fromEntries(table.map(({ name, create }): [string, Create] => [name, create])),
  Muon: (params) => new lockstep.Muon(matrices(params)),
  Shampoo: (params) => new lockstep.Shampoo(params),
  SOAP: (params) => new lockstep.SOAP(params),
  'Lion in bfloat16': (params) => new lockstep.Lion(params, { stateDtype: 'bfloat16' }),
  'Lookahead around SAM around Nesterov': (params) =>
    new lockstep.Lookahead(new lockstep.SAM(new lockstep.SGD(params, { ...momentum, nesterov: true })), {
      k: 3,
    }),
};
const others = Object.entries(optimizers).filter(([name]) => !(name in cases));

afterEach(() => {
  lockstep.useTarget(lockstep.targets()[0]);
  lockstep.useThreads(2);
});

describe('a run that goes on from any checkpoint ends in the same bits', () => {
  it.each(Object.entries(cases))('%s', async (_, test) => {
    await expectResumes(test);
  });

  it.each(others)('%s', async (_, optimizerOf) => {
    await expectResumes({ optimizerOf, from: [4] });
  });

  it('in the background', async () => {
    const { SWATS } = cases;
    await expectResumes({ ...SWATS, metrics, ema: true, from: [3, 7] }, { background: true });
  });

  it('from one that was saved in the background', async () => {
    const folder = newFolder();
    const test: Case = { ema: true, metrics };
    const straight = await run(test, 1);
    await run(test, 1, { background: true, checkpoint: { folder, every, keep: 100 } });
    const resumed = await run(test, 2, { resume: join(folder, 'step-7.safetensors') });
    expect(resumed.bits).toEqual(straight.bits);
  });

  it('with threads of a loader', async () => {
    const features = Float32Array.from({ length: ROWS * 2 }, (_, i) => Math.sin(i * i));
    const labels = Int32Array.from({ length: ROWS }, (_, i) => i % 2);
    const module = new URL('./pipelines/spiral.mjs', import.meta.url);
    const model = () => new nn.Sequential(new nn.Linear(2, 4), new nn.Dropout(0.2), new nn.Linear(4, 2));
    const loaders: train.SampleLoader[] = [];
    const data = (workers: number) => async () => {
      const loader = await train.openLoader<Int32Array>(
        { module, argument: { features, labels } },
        { batchSize: 8, workers },
      );
      loaders.push(loader);
      return loader;
    };
    const folder = newFolder();
    const straight = await run({ model, data: data(0) }, 1, { checkpoint: { folder, every, keep: 100 } });
    const resumed = await run({ model, data: data(2) }, 2, { resume: join(folder, 'step-7.safetensors') });
    expect(resumed.bits).toEqual(straight.bits);
    await Promise.all(loaders.map((loader) => loader.close()));
  });

  it('on another native target and number of threads', async () => {
    const folder = newFolder();
    const straight = await run({}, 1, { checkpoint: { folder, every, keep: 100 } });
    for (const target of lockstep.targets().filter((name) => name !== 'typescript')) {
      lockstep.useTarget(target);
      lockstep.useThreads(1);
      const resumed = await run({}, 2, { resume: join(folder, 'step-7.safetensors') });
      expect(resumed.bits, target).toEqual(straight.bits);
    }
  });
});
