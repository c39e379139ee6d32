import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Adam, SGD } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import {
  type EvaluationWeights,
  ExponentialMovingAverage,
  fit,
  type PendingStep,
} from '../../src/train/index.js';
import { examples, network, weightsOf } from './helpers.js';

const validation = examples();
const loss = nn.crossEntropy;

describe('hooks of fit', () => {
  it('come in their order, each waited for', async () => {
    const model = network();
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const events: string[] = [];
    const note = (name: string) => async () => {
      events.push(`${name} ${optimizer.steps}`);
      await wait(2);
      events.push(`${name} is done`);
    };
    await fit(model, examples(), {
      loss,
      optimizer,
      batchSize: 60,
      validation,
      beforeStep: note('beforeStep'),
      afterStep: note('afterStep'),
      afterEpoch: note('afterEpoch'),
    });
    const step = (before: number) => [
      `beforeStep ${before}`,
      'beforeStep is done',
      `afterStep ${before + 1}`,
      'afterStep is done',
    ];
    expect(events).toEqual([...step(0), ...step(1), 'afterEpoch 2', 'afterEpoch is done']);
  });

  it('beforeStep sees the gradients and what the step will be, before they are clipped', async () => {
    const model = network();
    const optimizer = new SGD(model.parameters(), { lr: (step) => 1 / (step + 1) });
    const pending: PendingStep[] = [];
    const norms: (number | null)[] = [];
    const before = weightsOf(model);
    await fit(model, examples(), {
      loss,
      optimizer,
      batchSize: 60,
      metrics: { accuracy: nn.accuracy },
      clipGradNorm: 1,
      beforeStep(step) {
        pending.push(step);
        if (step.step === 1) expect(weightsOf(model)).toEqual(before);
        for (const { grad } of model.parameters()) grad?.fill(2);
      },
      afterStep: ({ gradNorm }) => norms.push(gradNorm),
    });
    expect(pending.map(({ epoch, step, lr }) => [epoch, step, lr])).toEqual([
      [0, 1, 1],
      [0, 2, 1 / 2],
    ]);
    expect(pending.every((step) => step.loss > 0 && Number.isFinite(step.metrics.accuracy))).toBe(true);
    const norm = 2 * Math.sqrt(weightsOf(model).length);
    for (const value of norms) expect(value).toBeCloseTo(norm, 5);
  });

  it('beforeStep is called once a step, whatever batches that is made of', async () => {
    const model = network();
    let calls = 0;
    const options = { loss, optimizer: new SGD(model.parameters()), batchSize: 20, gradientAccumulation: 3 };
    const { steps } = await fit(model, examples(), { ...options, beforeStep: () => calls++ });
    expect([steps, calls]).toEqual([2, 2]);
  });

  it.each([
    [
      'an error',
      (controller: AbortController) => Promise.reject(controller.signal.reason ?? new Error('enough')),
    ],
    ['an abort', (controller: AbortController) => controller.abort(new Error('enough'))],
  ])('%s in beforeStep ends the training before that step', async (_, end) => {
    const model = network();
    model.eval();
    const optimizer = new Adam(model.parameters());
    const controller = new AbortController();
    const ema = new ExponentialMovingAverage(model.parameters());
    let weights: number[] = [];
    const training = fit(model, examples(), {
      loss,
      optimizer,
      ema,
      signal: controller.signal,
      beforeStep({ step }) {
        if (step < 3) return undefined;
        weights = weightsOf(model);
        return end(controller);
      },
    });
    await expect(training).rejects.toThrow('enough');
    expect([optimizer.steps, ema.updates, ema.applied, model.training]).toEqual([2, 2, false, false]);
    expect(weightsOf(model)).toEqual(weights);
    for (const { grad } of model.parameters()) expect(grad?.every((g) => g === 0)).toBe(true);
  });

  it('is not counted as time of learning', async () => {
    const model = network();
    const seconds: number[] = [];
    await fit(model, examples(), {
      loss,
      optimizer: new SGD(model.parameters()),
      batchSize: 120,
      beforeStep: () => wait(300),
      afterStep: (report) => seconds.push(report.seconds),
    });
    expect(seconds[0]).toBeLessThan(0.25);
    expect(seconds[0]).toBeGreaterThan(0);
  });
});

describe('a hook that returns "stop"', () => {
  const options = () => {
    const model = network();
    return { model, loss, optimizer: new SGD(model.parameters(), { lr: 0.1 }), epochs: 5, batchSize: 30 };
  };

  it('ends the training after an epoch', async () => {
    const { model, ...rest } = options();
    const history = await fit(model, examples(), {
      ...rest,
      afterEpoch: async ({ epoch }) => epoch === 1 && 'stop',
    });
    expect([history.epochs.length, history.steps, history.endedBy]).toEqual([2, 8, 'afterEpoch']);
  });

  it('ends the epoch after a step, which is judged, and the training', async () => {
    const { model, ...rest } = options();
    const seen: number[] = [];
    const losses: number[] = [];
    const history = await fit(model, examples(), {
      ...rest,
      validation,
      async afterStep(report) {
        losses.push(report.loss);
        return report.step === 6 ? 'stop' : undefined;
      },
      afterEpoch: ({ step }) => seen.push(step),
    });
    expect([history.steps, history.endedBy, seen]).toEqual([6, 'afterStep', [4, 6]]);
    expect(rest.optimizer.steps).toBe(6);
    const [, last] = history.epochs;
    expect(last.loss).toBeCloseTo((losses[4] + losses[5]) / 2, 12);
    expect(last.validation?.loss).toBeGreaterThan(0);
    for (const { grad } of model.parameters()) expect(grad?.every((g) => g === 0)).toBe(true);
  });

  it('ends it with the best weights, where early stopping keeps those', async () => {
    const { model, ...rest } = options();
    const weights: number[][] = [];
    const history = await fit(model, examples(), {
      ...rest,
      metrics: { epoch: () => weights.length },
      monitor: 'epoch',
      earlyStopping: { patience: 5, mode: 'min' },
      afterEpoch({ epoch }) {
        weights.push(weightsOf(model));
        return epoch === 2 ? 'stop' : 'go on';
      },
    });
    expect([history.endedBy, history.bestEpoch, weights.length]).toEqual(['afterEpoch', 0, 3]);
    expect(weightsOf(model)).toEqual(weights[0]);
  });

  it('says what ended it first', async () => {
    const { model, ...rest } = options();
    const worse = {
      metrics: { value: () => 1 },
      monitor: 'value',
      earlyStopping: { patience: 1, mode: 'max' },
    } as const;
    const both = { ...rest, ...worse, afterEpoch: ({ epoch }: { epoch: number }) => epoch === 1 && 'stop' };
    expect((await fit(model, examples(), both)).endedBy).toBe('earlyStopping');
    const steps = { ...rest, epochs: 1, afterStep: ({ step }: { step: number }) => step === 4 && 'stop' };
    expect((await fit(model, examples(), steps)).endedBy).toBe('afterStep');
  });

  it.each([false, 0, true, 'go on', undefined])('goes on where it returns %s', async (answer) => {
    const { model, ...rest } = options();
    const hook = () => answer;
    const history = await fit(model, examples(), { ...rest, afterStep: hook, afterEpoch: hook });
    expect([history.steps, history.endedBy]).toEqual([20, 'epochs']);
  });
});

/** Judges with all weights at 0, and tells what it was asked to do. */
function zeros(model: nn.Module, calls: string[]): EvaluationWeights {
  let kept: Float32Array[] = [];
  return {
    get applied() {
      return kept.length > 0;
    },
    apply() {
      calls.push('apply');
      kept = model.parameters().map(({ value }) => Float32Array.from(value));
      for (const { value } of model.parameters()) value.fill(0);
    },
    restore() {
      calls.push('restore');
      for (const [i, { value }] of model.parameters().entries()) value.set(kept[i] ?? []);
      kept = [];
    },
  };
}

describe('weights that judge in the place of those that learn', () => {
  const halves = Math.log(2);

  it('are whatever has apply() and restore()', async () => {
    const model = network();
    const calls: string[] = [];
    const options = { loss, optimizer: new SGD(model.parameters()), epochs: 2, validation };
    const { epochs } = await fit(model, examples(), { ...options, ema: zeros(model, calls) });
    expect(calls).toEqual(['apply', 'restore', 'apply', 'restore']);
    expect(epochs[1]?.validation?.loss).toBeCloseTo(halves, 6);
    expect(epochs[1]?.loss).not.toBeCloseTo(halves, 6);
    expect(weightsOf(model).some((weight) => weight !== 0)).toBe(true);
  });

  it('may be the optimizer’s own', async () => {
    const model = network();
    const calls: string[] = [];
    const optimizer = Object.assign(new SGD(model.parameters()), { evaluationWeights: zeros(model, calls) });
    const { epochs } = await fit(model, examples(), { loss, optimizer, validation });
    expect(epochs[0]?.validation?.loss).toBeCloseTo(halves, 6);
    expect(calls).toEqual(['apply', 'restore']);
    const both = fit(model, examples(), { loss, optimizer, ema: zeros(model, calls) });
    await expect(both).rejects.toThrow(/ema must not be given with an optimizer that has evaluationWeights/);
  });
});
