import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NetworkName, networkNames, networks, tiny } from '../../bench/training/networks.js';
import { queue } from '../../src/backend/select.js';
import * as lockstep from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import * as train from '../../src/train/index.js';

const ROWS = 70;

const spiral = (): train.Examples<Int32Array> => {
  const x = nn.tensor(
    Float32Array.from({ length: ROWS * 6 }, (_, i) => Math.sin(i)),
    [ROWS, 6],
  );
  return { x, y: Int32Array.from({ length: ROWS }, (_, i) => i % 3) };
};

const perceptron = () =>
  new nn.Sequential(
    new nn.Linear(6, 32),
    new nn.BatchNorm1d(32),
    new nn.ReLU(),
    new nn.Dropout(0.2),
    new nn.Linear(32, 3),
  );

interface Options extends Partial<train.FitOptions<Int32Array>> {
  readonly create?: (params: nn.Tensor[]) => train.FitOptions<Int32Array>['optimizer'];
  readonly averaged?: boolean;
}

/** All bits that a training leaves, and what it tells. */
async function run(background: boolean, { create, averaged, afterStep, ...options }: Options = {}) {
  nn.manualSeed(1);
  const model = perceptron();
  const params = model.parameters();
  const ema = averaged ? { ema: new train.ExponentialMovingAverage(params) } : {};
  const reports: unknown[] = [];
  const history = await train.fit<Int32Array>(model, spiral(), {
    loss: nn.crossEntropy,
    optimizer: create?.(params) ?? new lockstep.Adam(params),
    epochs: 3,
    batchSize: 16,
    background,
    ...ema,
    ...options,
    afterStep: (report) => {
      const { seconds, ...rest } = report;
      reports.push(rest);
      return afterStep?.(report);
    },
  });
  const epochs = history.epochs.map(({ seconds, samplesPerSecond, ...rest }) => rest);
  return { state: model.stateDict(), history: { ...history, epochs }, reports };
}

const cases: Record<string, Options> = {
  plain: {},
  clipping: { clipGradNorm: 0.1 },
  'clipping after a hook': { clipGradNorm: 0.1, beforeStep: () => sleep(1) },
  'an average': { averaged: true, validation: spiral() },
  'early stopping': { earlyStopping: { patience: 1 }, validation: spiral(), epochs: 6 },
  accumulation: { gradientAccumulation: 3 },
  metrics: { metrics: { accuracy: nn.accuracy }, validation: spiral() },
  'its end by a hook': { afterStep: ({ step }) => (step === 4 ? 'stop' : undefined) },
  SWATS: { create: (params) => new lockstep.SWATS(params, { minSwitchStep: 3, switchTolerance: 1 }) },
  'a search': {
    create: (params) =>
      new lockstep.Optimizer(
        {
          name: 'search',
          defaults: { lr: 0.1 },
          update(parameters, closure) {
            const before = closure?.loss ?? 0;
            for (const { value, grad, lr } of parameters) {
              for (let i = 0; i < value.length; i++) value[i] -= lr * grad[i];
            }
            const after = closure?.evaluate() ?? 0;
            for (const { value, grad } of parameters) {
              for (let i = 0; i < value.length; i++) value[i] -= (after < before ? 0.1 : -0.1) * grad[i];
            }
          },
        },
        params,
      ),
  },
};

// Late, so that what forgets to wait reads wrong numbers.
beforeAll(() => queue?.delay(200));
afterAll(() => queue?.delay(0));

describe('fit in the background gives the bits of the foreground', () => {
  it.each(Object.entries(cases))('%s', async (_, options) => {
    expect(await run(true, options)).toEqual(await run(false, options));
  });
});

const lossOf = (output: nn.Tensor, y: Int32Array) => nn.crossEntropy(output.reshape([y.length, -1]), y);

async function networkRun(name: NetworkName, background: boolean) {
  const network = networks[name](tiny);
  nn.manualSeed(1);
  const model = network.model(nn);
  const optimizer = new lockstep[network.optimizer](model.parameters());
  const data = network.examples(nn, 1);
  // A batch that does not fill, too.
  await train.fit<Int32Array>(model, data, { loss: lossOf, optimizer, epochs: 5, batchSize: 3, background });
  return { state: model.stateDict(), optimizer: optimizer.stateDict() };
}

describe('the networks of the benchmark', () => {
  it.each(networkNames)('%s', async (name) => {
    expect(await networkRun(name, true)).toEqual(await networkRun(name, false));
  });
});

describe('rows of a sparse table', () => {
  const learn = async (background: boolean) => {
    nn.manualSeed(1);
    const model = new nn.Sequential(
      new nn.Embedding(50, 4, { sparse: true, paddingIndex: 3 }),
      new nn.Flatten(),
      new nn.Linear(12, 3),
    );
    const optimizer = new lockstep.Adam(model.parameters());
    const x = nn.tensor(
      Float32Array.from({ length: 90 }, (_, i) => (i * 7) % 50),
      [30, 3],
    );
    const y = Int32Array.from({ length: 30 }, (_, i) => i % 3);
    await train.fit<Int32Array>(
      model,
      { x, y },
      { loss: nn.crossEntropy, optimizer, epochs: 4, batchSize: 7, clipGradNorm: 0.5, background },
    );
    return { state: model.stateDict(), optimizer: optimizer.stateDict() };
  };
  it('are learnt as in the foreground', async () => {
    expect(await learn(true)).toEqual(await learn(false));
  });
});

/** A training in the background, and what it holds; `during` runs between two of its steps. */
async function learning(during: (model: nn.Module, optimizer: lockstep.Adam) => void): Promise<number> {
  nn.manualSeed(1);
  const model = perceptron();
  const optimizer = new lockstep.Adam(model.parameters());
  const done = train.fit<Int32Array>(model, spiral(), {
    loss: nn.crossEntropy,
    optimizer,
    epochs: 20,
    background: true,
  });
  await new Promise(setImmediate);
  try {
    during(model, optimizer);
  } finally {
    await done;
  }
  return optimizer.steps;
}

describe('while it learns', () => {
  const writes: Record<string, (model: nn.Module, optimizer: lockstep.Adam) => unknown> = {
    'step()': (_, optimizer) => optimizer.step(),
    'zeroGrad()': (_, optimizer) => optimizer.zeroGrad(),
    'addParamGroup()': (_, optimizer) =>
      optimizer.addParamGroup({ params: [nn.tensor([1], [1], { requiresGrad: true, name: 'other' })] }),
    'loadStateDict()': (_, optimizer) => optimizer.loadStateDict(optimizer.stateDict()),
    'loadStateDict() of the model': (model) => model.loadStateDict(model.stateDict()),
    'zeroGrad() of the model': (model) => model.zeroGrad(),
    'setting a grad': (model) => {
      model.parameters()[0].grad = null;
    },
    'setting requiresGrad': (model) => {
      model.parameters()[0].requiresGrad = false;
    },
    'backward()': (model) => model.eval().forward(spiral().x).sum().backward(),
    'a step of the statistics': (model) => model.train().forward(spiral().x),
    'clipGradNorm()': (model) => lockstep.clipGradNorm(model.parameters(), 1),
    'apply() of an average': (model) => new train.ExponentialMovingAverage(model.parameters()).apply(),
  };
  it.each(Object.entries(writes))('%s is an error', async (_, write) => {
    let message = '';
    const steps = await learning((model, optimizer) => {
      try {
        write(model, optimizer);
      } catch (error) {
        message = String(error);
      }
    });
    expect(message).toMatch(
      /Error: parameter "\d\.\w+" must not be written to while fit\(\) is at work in the background: await that first/,
    );
    expect(steps).toBe(20 * Math.ceil(ROWS / 32));
  });

  it('a second training of the same parameters is an error', async () => {
    let second: unknown;
    await learning((model, optimizer) => {
      second = train
        .fit<Int32Array>(model, spiral(), { loss: nn.crossEntropy, optimizer, background: true })
        .catch(String);
    });
    expect(await second).toMatch(/must not be written to while fit\(\)/);
  });

  it('the model answers, with whole numbers', async () => {
    let answer: number[] = [];
    await learning((model) => {
      answer = nn.noGrad(() => [...model.eval().forward(spiral().x).value]);
    });
    expect(answer.every(Number.isFinite)).toBe(true);
  });

  it('nothing is locked in a hook, nor afterwards', async () => {
    nn.manualSeed(1);
    const model = perceptron();
    const optimizer = new lockstep.Adam(model.parameters());
    const touch = () => model.loadStateDict(model.stateDict());
    const options = { loss: nn.crossEntropy, optimizer, background: true };
    const hooks = { beforeStep: touch, afterStep: touch, afterEpoch: touch };
    await train.fit<Int32Array>(model, spiral(), { ...options, ...hooks });
    touch();
  });

  it('an error leaves nothing locked, and what was learnt so far', async () => {
    nn.manualSeed(1);
    const model = perceptron();
    const optimizer = new lockstep.SGD(model.parameters(), { lr: 1 });
    let calls = 0;
    const loss = (output: nn.Tensor, y: Int32Array) =>
      nn.crossEntropy(output, y).mul(++calls === 3 ? Number.NaN : 1);
    const learnt = train.fit<Int32Array>(model, spiral(), { loss, optimizer, background: true });
    await expect(learnt).rejects.toThrow(/the loss is NaN at step 3/);
    expect(optimizer.steps).toBe(2);
    optimizer.step();
    expect(model.parameters().every(({ value }) => value.every(Number.isFinite))).toBe(true);
  });

  it('a signal ends it', async () => {
    const model = perceptron();
    const optimizer = new lockstep.Adam(model.parameters());
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 5);
    const { signal } = controller;
    const options = { loss: nn.crossEntropy, optimizer, epochs: 10_000, background: true, signal };
    await expect(train.fit<Int32Array>(model, spiral(), options)).rejects.toThrow('enough');
    optimizer.zeroGrad();
  });
});
