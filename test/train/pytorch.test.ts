import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { targets, useTarget } from '../../src/backend/select.js';
import { Adam, type LearningRate, reduceOnPlateau, SGD } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import {
  type EarlyStoppingOptions,
  type EpochReport,
  type Evaluation,
  type Examples,
  ExponentialMovingAverage,
  type ExponentialMovingAverageOptions,
  type FitOptions,
  fit,
  type Target,
} from '../../src/train/index.js';
import { expectClose } from '../nn/helpers.js';

// The loop that PyTorch's users write, from the same weights and in the same order of rows: test/golden/fit.py.

interface Entry {
  readonly shape: number[];
  readonly value: number[];
}

interface Rows {
  readonly x: Entry;
  readonly labels: number[];
  readonly target: Entry;
}

interface Options {
  readonly optimizer: 'SGD' | 'Adam';
  readonly rate: number;
  readonly momentum?: number;
  readonly decay?: number;
  readonly plateau?: { readonly factor: number; readonly patience: number };
  readonly loss?: 'mse';
  readonly epochs: number;
  readonly batchSize: number;
  readonly gradientAccumulation?: number;
  readonly dropLast?: boolean;
  readonly clipGradNorm?: number;
  readonly ema?: ExponentialMovingAverageOptions;
  readonly validation?: boolean;
  readonly frozen?: boolean;
  readonly monitor?: string;
  readonly earlyStopping?: EarlyStoppingOptions;
}

interface Judged {
  readonly loss: number;
  readonly accuracy: number;
}

interface Case {
  readonly name: string;
  readonly options: Options;
  readonly steps: readonly (Judged & { readonly lr: number; readonly gradNorm: number | null })[];
  readonly epochs: readonly (Judged & { readonly lr: number; readonly validation: Judged | null })[];
  readonly stoppedEarly: boolean;
  readonly bestEpoch: number | null;
  readonly final: Record<string, Entry>;
  readonly averages: readonly Entry[] | null;
}

interface Golden {
  readonly initial: Record<string, Entry>;
  readonly training: Rows;
  readonly validation: Rows;
  readonly cases: readonly Case[];
}

const path = new URL('../golden/fit.json', import.meta.url);
const golden: Golden = JSON.parse(readFileSync(path, 'utf8'));

const float64 = { dtype: 'float64' } as const;
const leaf = ({ shape, value }: Entry) => nn.tensor(value, shape, float64);

function startModel(): { model: nn.Sequential; norm: nn.Module } {
  const norm = new nn.BatchNorm1d(5, float64);
  const model = new nn.Sequential(
    new nn.Linear(3, 5, { ...float64, bias: false }),
    norm,
    new nn.Tanh(),
    new nn.Linear(5, 3, float64),
  );
  const state = Object.entries(golden.initial).map(([name, { shape, value }]) => {
    return [name, { shape, value: Float64Array.from(value) }] as const;
  });
  model.loadStateDict(Object.fromEntries(state));
  return { model, norm };
}

function rateOf({ rate, decay, plateau }: Options): LearningRate {
  if (plateau !== undefined) return reduceOnPlateau(rate, plateau);
  return decay === undefined ? rate : (step) => rate / (1 + decay * step);
}

function optimizerOf(model: nn.Module, options: Options) {
  const { optimizer, momentum } = options;
  // The rate is fit's: this one must not be used.
  const lr = 1e9;
  if (optimizer === 'Adam') return new Adam(model.parameters(), { lr });
  return new SGD(model.parameters(), { lr, ...(momentum === undefined ? {} : { momentum }) });
}

function expectSame(actual: Evaluation | null, expected: Judged | null, what: string): void {
  if (actual === null || expected === null) {
    expect(actual, what).toBe(expected);
    return;
  }
  expectClose([actual.loss, actual.metrics.accuracy], [expected.loss, expected.accuracy], what);
}

/** The options that go to `fit` as they are. */
function shared(options: Options) {
  const { optimizer, rate, momentum, decay, plateau, loss, ema, validation, frozen, ...others } = options;
  return { ...others, shuffle: false };
}

async function compare<Y extends Target>(
  { options, ...expected }: Case,
  loss: FitOptions<Y>['loss'],
  accuracy: (output: nn.Tensor, target: Y) => number,
  rowsOf: (rows: Rows) => Examples<Y>,
): Promise<void> {
  const { model, norm } = startModel();
  const ema = options.ema && new ExponentialMovingAverage(model.parameters(), options.ema);
  if (options.frozen) norm.eval();
  let steps = 0;
  const history = await fit<Y>(model, rowsOf(golden.training), {
    ...shared(options),
    loss,
    optimizer: optimizerOf(model, options),
    schedule: rateOf(options),
    metrics: { accuracy },
    // Several batches, of which the last one is smaller.
    ...(options.validation ? { validation: rowsOf(golden.validation), validationBatchSize: 3 } : {}),
    ...(ema === undefined ? {} : { ema }),
    afterStep(report) {
      const step = expected.steps[steps++];
      expectSame(report, step, `step ${steps}`);
      expectClose([report.lr], [step.lr], `rate of step ${steps}`);
      expectClose([report.gradNorm ?? -1], [step.gradNorm ?? -1], `norm of step ${steps}`);
    },
  });
  const endedBy = expected.stoppedEarly ? 'earlyStopping' : 'epochs';
  expect(history).toMatchObject({ endedBy, bestEpoch: expected.bestEpoch, steps: expected.steps.length });
  expect(steps).toBe(expected.steps.length);
  expect(history.epochs).toHaveLength(expected.epochs.length);
  for (const [i, report] of history.epochs.entries()) compareEpoch(report, expected.epochs[i]);
  const final = model.stateDict();
  expect(Object.keys(final).sort()).toEqual(Object.keys(expected.final).sort());
  for (const [name, { value }] of Object.entries(expected.final)) expectClose(final[name].value, value, name);
  ema?.apply();
  for (const [i, average] of expected.averages?.entries() ?? []) {
    expectClose(model.parameters()[i].value, average.value, `average ${i}`);
  }
}

function compareEpoch(actual: EpochReport, expected: Case['epochs'][number]): void {
  expectSame(actual, expected, `epoch ${actual.epoch}`);
  expectSame(actual.validation, expected.validation, `validation of epoch ${actual.epoch}`);
  expectClose([actual.lr], [expected.lr], `rate of epoch ${actual.epoch}`);
}

describe.each(targets())('on %s', (target) => {
  it.each(golden.cases.map((each) => ({ ...each, each })))(
    'fit does what a loop of PyTorch does: $name',
    async ({ each }) => {
      useTarget(target);
      if (each.options.loss === undefined) {
        const rowsOf = ({ x, labels }: Rows) => ({ x: leaf(x), y: Int32Array.from(labels) });
        await compare(each, nn.crossEntropy, nn.accuracy, rowsOf);
      } else {
        const rowsOf = ({ x, target }: Rows) => ({ x: leaf(x), y: leaf(target) });
        // The labels are where the targets are largest.
        const labelsOf = (y: nn.Tensor) => {
          const { value } = y;
          return Int32Array.from({ length: y.shape[0] }, (_, r) => {
            const row = Array.from(value.subarray(3 * r, 3 * r + 3));
            return row.indexOf(Math.max(...row));
          });
        };
        await compare(each, nn.mse, (output, y) => nn.accuracy(output, labelsOf(y)), rowsOf);
      }
    },
  );
});
