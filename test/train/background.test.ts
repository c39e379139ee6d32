import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { networkNames, networks, tiny } from '../../bench/training/networks.js';
import * as lockstep from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import * as train from '../../src/train/index.js';

const ROWS = 70;

const spiral = () => {
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

type Options = Partial<train.FitOptions<Int32Array>> & {
  readonly create?: (params: nn.Tensor[]) => train.FitOptions<Int32Array>['optimizer'];
  readonly averaged?: boolean;
};

/** All bits that a training leaves, and what it tells. */
async function run(background: boolean, { create, averaged, ...options }: Options = {}) {
  nn.manualSeed(1);
  const model = perceptron();
  const params = model.parameters();
  const ema = averaged ? { ema: new train.ExponentialMovingAverage(params) } : {};
  const reports: unknown[] = [];
  const history = await train.fit(model, spiral(), {
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
      return options.afterStep?.(report);
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
          defaults: { weightDecay: 0, maximize: false, lr: 0.1 },
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

describe('fit in the background gives the bits of the foreground', () => {
  it.each(Object.entries(cases))('%s', async (_, options) => {
    expect(await run(true, options)).toEqual(await run(false, options));
  });
});
