import { describe, expect, it } from 'vitest';
import { evaluationSteps } from '../../src/cli/compare/evaluation-steps.js';
import { buildNetwork, describeNetwork } from '../../src/cli/compare/network.js';
import { runOf, runs, scheduleOf, settingsOf } from '../../src/cli/compare/runs.js';
import { train } from '../../src/cli/compare/train.js';
import { weightsHash } from '../../src/cli/compare/weights-hash.js';
import { splitTrainTest, twoSpirals } from '../../src/data/index.js';
import { currentTarget, SGD, targets, threads, useTarget, useThreads } from '../../src/index.js';
import { crossEntropy, tensor } from '../../src/nn/index.js';
import { evaluate, examplesOf } from '../../src/train/index.js';

const data = twoSpirals({ pointsPerArm: 100 });
const conditions = {
  split: splitTrainTest(data),
  network: { columns: 2, hidden: 16, classes: 2 },
  epochs: 3,
  batch: 32,
  seed: 5,
  goalAccuracy: 0.97,
};
const quickly = (id: string, change = {}) => train(runOf(id), { ...conditions, ...change }, () => {});

describe('train', () => {
  it.each(runs.map(({ id }) => [id]))('%s: steps, rates and evaluations fit together', async (id) => {
    const result = await quickly(id);
    expect(result.losses).toHaveLength(result.steps);
    expect(result.learningRates).toHaveLength(result.steps);
    expect(result.steps).toBe(runOf(id).fullBatch ? 3 : 15);
    expect(result.evaluations[0].step).toBe(0);
    expect(result.evaluations.at(-1)?.step).toBe(result.steps);
    expect(result.weightsHash).toMatch(/^[0-9a-f]{16}$/);
    expect(result.bestAccuracy).toBe(Math.max(...result.evaluations.map(({ accuracy }) => accuracy)));
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  it('begins every run with the same weights and the same first batch', async () => {
    const [sgd, adam] = [await quickly('sgd'), await quickly('adam')];
    expect(sgd.losses[0]).toBe(adam.losses[0]);
    expect(sgd.evaluations[0]).toEqual(adam.evaluations[0]);
    expect(sgd.weightsHash).not.toBe(adam.weightsHash);
  });

  it('learns', async () => {
    const { losses, bestAccuracy } = await quickly('adam', { epochs: 60 });
    expect(bestAccuracy).toBeGreaterThan(0.8);
    expect(losses.at(-1)).toBeLessThan(0.7 * losses[0]);
  });

  it('gives the same weights for the same seed on every native target and with any number of threads', async () => {
    const [target, count] = [currentTarget(), threads()];
    try {
      const hashes = new Set<string>();
      for (const name of targets().filter((candidate) => candidate !== 'typescript')) {
        useTarget(name);
        for (const n of [1, 2, 3]) {
          useThreads(n);
          hashes.add((await quickly('adam')).weightsHash);
        }
      }
      expect(hashes.size).toBeLessThanOrEqual(1);
    } finally {
      useTarget(target);
      useThreads(count);
    }
    expect((await quickly('adam', { seed: 6 })).weightsHash).not.toBe((await quickly('adam')).weightsHash);
  });

  it('stops at a loss that is no number, and says when', async () => {
    const run = { ...runOf('sgd'), lr: 1e30 };
    const result = await train(run, conditions, () => {});
    expect(result.divergedAt).not.toBeNull();
    expect([0, 1]).toContain((result.divergedAt ?? Number.NaN) - result.steps);
    expect(result.finalLoss).toBeNull();
    expect(result.losses.every(Number.isFinite)).toBe(true);
  });

  it('takes the same full-batch step as one pass over all rows at once, though it works in parts', async () => {
    const large = twoSpirals({ pointsPerArm: 1500 });
    const split = { train: large, test: conditions.split.test };
    const inParts = await quickly('gradient-descent', { split, epochs: 1 });

    const network = buildNetwork(conditions.network, conditions.seed);
    const optimizer = new SGD(network.parameters(), { lr: runOf('gradient-descent').lr });
    const loss = crossEntropy(network.forward(tensor(large.features, [large.rows, 2])), large.labels);
    loss.backward();
    optimizer.step();
    expect(inParts.losses[0]).toBeCloseTo(loss.item(), 5);
    const after = await evaluate(network, examplesOf(split.test), { loss: crossEntropy });
    expect(inParts.evaluations[1].loss).toBeCloseTo(after.loss, 5);
    expect(inParts.evaluations[1].loss).not.toBeCloseTo(inParts.evaluations[0].loss, 3);
  });

  it('marks the end of a warm-up', async () => {
    expect((await quickly('momentum-large-gradual')).warmupSteps).toBe(2);
    // Two classes: less than 80 % are wrong from the start.
    expect((await quickly('momentum-large-constant')).warmupSteps).toBe(1);
    expect((await quickly('momentum')).warmupSteps).toBeNull();
  });
});

describe('evaluationSteps', () => {
  it('is dense at first, then even, with both ends', () => {
    const steps = [...evaluationSteps(3000)].sort((a, b) => a - b);
    expect(steps.slice(0, 10)).toEqual([0, 1, 2, 4, 8, 16, 32, 64, 100, 200]);
    expect(steps.at(-1)).toBe(3000);
    expect([...evaluationSteps(3)].sort()).toEqual([0, 1, 2, 3]);
  });
});

describe('runs', () => {
  it('have names and colours of their own', () => {
    for (const key of ['id', 'name'] as const)
      expect(new Set(runs.map((run) => run[key])).size).toBe(runs.length);
    for (const mode of ['light', 'dark'] as const) {
      expect(new Set(runs.map(({ look }) => look[mode])).size).toBe(runs.length);
    }
  });

  it('say what they are set to', () => {
    expect(settingsOf(runOf('momentum-large-constant'))).toBe(
      'rate 1, momentum 0.9, at 0.01 until the training error is below 80 %',
    );
  });

  it('grow the rate over the steps of a gradual warm-up', () => {
    const run = { ...runOf('adam'), lr: 0.1, warmup: { kind: 'gradual', steps: 4 } } as const;
    const schedule = scheduleOf(run, 100);
    if (typeof schedule !== 'object') throw new Error('expected a schedule');
    expect([0, 3, 50].map((step) => Number(schedule.at(step).toFixed(12)))).toEqual([0.025, 0.1, 0.1]);
  });
});

describe('network', () => {
  it('is what it is said to be', () => {
    const shape = { columns: 784, hidden: 128, classes: 10 };
    const parameters = buildNetwork(shape, 0).parameters();
    expect(parameters.map(({ size }) => size)).toEqual([
      100352, 128, 128, 128, 16384, 128, 128, 128, 1280, 10,
    ]);
    expect(describeNetwork(shape)).toBe(
      'Linear 784→128, Residual(LayerNorm, ReLU, Linear 128→128), LayerNorm, ReLU, Linear 128→10',
    );
  });
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
