import { describe, expect, it } from 'vitest';
import { loadData, type StudyData } from '../../src/cli/compare/data.js';
import { evaluationSteps } from '../../src/cli/compare/evaluation-steps.js';
import { classification } from '../../src/cli/compare/judge.js';
import { buildNetwork } from '../../src/cli/compare/network.js';
import { optimizerIds, optimizerOf } from '../../src/cli/compare/optimizers.js';
import { baseFor } from '../../src/cli/compare/plan.js';
import type { Settings } from '../../src/cli/compare/study.js';
import { type Task, train } from '../../src/cli/compare/train.js';
import { scheduleOf } from '../../src/cli/compare/warmup.js';
import { weightsHash } from '../../src/cli/compare/weights-hash.js';
import { splitTrainTest, twoSpirals } from '../../src/data/index.js';
import * as lockstep from '../../src/index.js';
import { currentTarget, SGD, targets, threads, useTarget, useThreads } from '../../src/index.js';
import { crossEntropy, tensor } from '../../src/nn/index.js';
import { evaluate } from '../../src/train/index.js';

/** Two spirals as a study has them. */
function spirals(pointsPerArm: number): StudyData {
  const { train: learnt, test } = splitTrainTest(twoSpirals({ pointsPerArm }));
  const part = ({ rows, features, labels }: typeof test) => ({ rows, features, targets: labels });
  return {
    ...{ name: 'spirals', kind: 'classification', columns: 2, classes: 2, image: null, hash: '' },
    train: part(learnt),
    test: part(test),
  };
}

const data = spirals(100);

function settingsOf(change: Partial<Settings>): Settings {
  const settings = { ...baseFor({ width: 16 }, data), ...change };
  return { ...settings, lr: change.lr ?? optimizerOf(settings.optimizer).lr };
}

const taskOf = (change: Partial<Settings>, task: Partial<Task> = {}): Task => ({
  ...{ hash: '', configuration: 'a', settings: settingsOf(change), seed: 5 },
  ...{ epochs: 3, limit: null, goal: 0.97, ...task },
});

const quickly = (change: Partial<Settings>, task: Partial<Task> = {}, rows = data) =>
  train(taskOf(change, task), rows, () => {});

describe('train', () => {
  it.each(optimizerIds.map((id) => [id]))('%s: steps, rates and evaluations fit together', async (id) => {
    const run = await quickly({ optimizer: id });
    expect(run.steps).toBe(15);
    expect(run.lossSteps).toEqual(run.losses.map((_, index) => index + 1));
    expect(run.learningRates).toHaveLength(15);
    expect(run.evaluations[0].step).toBe(0);
    expect(run.evaluations.at(-1)?.step).toBe(15);
    expect(run.divergedAt).toBeNull();
    expect(run.weightsHash).toMatch(/^[0-9a-f]{16}$/);
    expect(JSON.parse(JSON.stringify(run))).toEqual(run);
  });

  it('begins every run with the same weights and the same first batch', async () => {
    const [sgd, adam] = [await quickly({ optimizer: 'sgd' }), await quickly({ optimizer: 'adam' })];
    expect(sgd.losses[0]).toBe(adam.losses[0]);
    expect(sgd.evaluations[0]).toEqual(adam.evaluations[0]);
    expect(sgd.weightsHash).not.toBe(adam.weightsHash);
  });

  it('learns, and judges by rows learnt from as well', async () => {
    const { evaluations, stepsToGoal } = await quickly({}, { epochs: 60, goal: 0.7 });
    expect(evaluations.at(-1)?.testMetric).toBeGreaterThan(0.8);
    expect(evaluations.at(-1)?.trainLoss).toBeLessThan(0.7 * evaluations[0].trainLoss);
    const reached = evaluations.find(({ testMetric }) => testMetric >= 0.7);
    expect(stepsToGoal).toBe(reached?.step);
  });

  it('gives the same weights for the same seed on every native target and with any number of threads', async () => {
    const [target, count] = [currentTarget(), threads()];
    try {
      const hashes = new Set<string>();
      for (const name of targets().filter((candidate) => candidate !== 'typescript')) {
        useTarget(name);
        for (const n of [1, 2, 3]) {
          useThreads(n);
          hashes.add((await quickly({})).weightsHash);
        }
      }
      expect(hashes.size).toBeLessThanOrEqual(1);
    } finally {
      useTarget(target);
      useThreads(count);
    }
    expect((await quickly({}, { seed: 6 })).weightsHash).not.toBe((await quickly({})).weightsHash);
  });

  it('stops at a loss that is no number, and says when', async () => {
    const run = await quickly({ optimizer: 'sgd', lr: 1e30 });
    expect(run.divergedAt).not.toBeNull();
    expect([0, 1]).toContain((run.divergedAt ?? Number.NaN) - run.steps);
    expect(run.losses.every(Number.isFinite)).toBe(true);
  });

  it('takes the same full-batch step as one pass over all rows at once, though it works in parts', async () => {
    const large = { ...spirals(1500), test: data.test };
    const settings = settingsOf({ optimizer: 'sgd', batch: 'full' });
    const inParts = await train(taskOf(settings, { epochs: 1 }), large, () => {});

    const network = await buildNetwork(settings, large, 5);
    const { x, y } = classification(large).examples(large.train);
    const loss = crossEntropy(network.forward(x), y);
    loss.backward();
    new SGD(network.parameters(), { lr: settings.lr }).step();
    expect(inParts.losses[0]).toBeCloseTo(loss.item(), 5);
    const judged = classification(large).examples(large.test);
    const after = await evaluate(network, judged, { loss: crossEntropy });
    expect(inParts.evaluations[1].testLoss).toBeCloseTo(after.loss, 5);
    expect(inParts.evaluations[1].testLoss).not.toBeCloseTo(inParts.evaluations[0].testLoss, 3);
  });

  it('marks the end of a warm-up', async () => {
    const gradual = await quickly({ warmup: 'gradual', lr: 0.1 });
    expect(gradual.warmupSteps).toBe(2);
    expect(gradual.learningRates.slice(0, 3)).toEqual([0.05, 0.1, 0.1]);
    // Two classes: less than 80 % are wrong from the start.
    const constant = await quickly({ warmup: 'constant', lr: 0.1 });
    expect(constant.warmupSteps).toBe(1);
    expect(constant.learningRates.slice(0, 2)).toEqual([0.001, 0.1]);
    expect((await quickly({})).warmupSteps).toBeNull();
  });

  it('is, with a limit, the beginning of what it is without one', async () => {
    const [part, all] = [
      await quickly({ warmup: 'gradual' }, { limit: 4 }),
      await quickly({ warmup: 'gradual' }),
    ];
    expect(part.losses).toEqual(all.losses.slice(0, 4));
    expect(part.learningRates).toEqual(all.learningRates.slice(0, 4));
    expect(part.evaluations.map(({ step }) => step)).toEqual([0, 4]);
  });

  it('leaves out a last batch of one row, which has no statistics', async () => {
    // 160 rows: five batches of 32, or one of 159 and one row.
    expect((await quickly({ norm: 'batch', batch: 159 }, { epochs: 1 })).steps).toBe(1);
    expect((await quickly({ norm: 'layer', batch: 159 }, { epochs: 1 })).steps).toBe(2);
  });

  it('stands still where all weights are zero', async () => {
    const { losses } = await quickly({ init: 'zeros', norm: 'none', residual: false, optimizer: 'sgd' });
    // The last bias alone learns: about as many rows are of either class.
    for (const loss of losses) expect(loss).toBeCloseTo(Math.LN2, 1);
  });
});

it('learns numbers', async () => {
  const rows = 300;
  const features = Float32Array.from({ length: rows * 2 }, (_, index) => Math.sin(index * 1.7));
  const targets = Float32Array.from(
    { length: rows },
    (_, row) => features[2 * row] - 0.5 * features[2 * row + 1],
  );
  const part = (from: number, to: number) => ({
    rows: to - from,
    features: features.subarray(2 * from, 2 * to),
    targets: targets.subarray(from, to),
  });
  const numbers: StudyData = {
    ...{ name: 'numbers', kind: 'regression', columns: 2, classes: 1, image: null, hash: '' },
    train: part(0, 240),
    test: part(240, 300),
  };
  const run = await quickly({ lr: 0.01, warmup: 'constant' }, { epochs: 20, goal: 0.9 }, numbers);
  expect(run.evaluations.at(-1)?.testMetric).toBeGreaterThan(0.95);
  expect(run.stepsToGoal).not.toBeNull();
  expect(run.evaluations[0].testMetric).toBeLessThan(0.5);
});

describe('evaluationSteps', () => {
  it('is dense at first, then even, with both ends', () => {
    const steps = [...evaluationSteps(3000, 30)].sort((a, b) => a - b);
    expect(steps.slice(0, 10)).toEqual([0, 1, 2, 4, 8, 16, 32, 64, 100, 200]);
    expect(steps.at(-1)).toBe(3000);
    expect([...evaluationSteps(3, 30)].sort()).toEqual([0, 1, 2, 3]);
  });
});

describe('optimizers', () => {
  it('are all of the package', () => {
    const point = () => tensor([1, 2, 3, 4], [2, 2], { requiresGrad: true });
    const covered = optimizerIds.map((id) => optimizerOf(id).create([point()], 0.1, 8).constructor.name);
    const classes = Object.values(lockstep).filter(
      (value) =>
        typeof value === 'function' && /^class|extends/.test(String(value)) && 'step' in value.prototype,
    );
    const missing = classes.map(({ name }) => name).filter((name) => !covered.includes(name));
    // Optimizer is what they are made of, GradScaler no optimizer, and Muon has AdamW beside it.
    expect(missing.sort()).toEqual(['GradScaler', 'Muon', 'Optimizer']);
  });

  it('have names of their own', () => {
    expect(new Set(optimizerIds).size).toBe(optimizerIds.length);
    expect(new Set(optimizerIds.map((id) => optimizerOf(id).name)).size).toBe(optimizerIds.length);
  });
});

it('grows the rate over a tenth of the steps in a gradual warm-up', () => {
  const schedule = scheduleOf({ lr: 0.1, warmup: 'gradual' }, 40);
  if (typeof schedule !== 'object') throw new Error('expected a schedule');
  expect([0, 3, 30].map((step) => Number(schedule.at(step).toFixed(12)))).toEqual([0.025, 0.1, 0.1]);
});

describe('weightsHash', () => {
  it('is the beginning of the SHA-256 of the bytes, of views too', () => {
    // sha256 of eight zero bytes.
    expect(weightsHash([{ value: new Float32Array(4).subarray(1, 3), grad: null }])).toBe('af5570f5a1810b7a');
    expect(
      weightsHash([
        { value: Float32Array.of(0), grad: null },
        { value: Float32Array.of(0), grad: null },
      ]),
    ).toBe('af5570f5a1810b7a');
    expect(weightsHash([{ value: Float32Array.of(0, -0), grad: null }])).not.toBe('af5570f5a1810b7a');
  });
});

it('gives the spirals of a seed, and says where MNIST is not there', async () => {
  const options = { data: 'spirals', label: null, regression: false, image: null, seed: 1 };
  const [one, same, other] = [
    await loadData(options),
    await loadData(options),
    await loadData({ ...options, seed: 2 }),
  ];
  expect(one.data.hash).toBe(same.data.hash);
  expect(one.data.hash).not.toBe(other.data.hash);
});
