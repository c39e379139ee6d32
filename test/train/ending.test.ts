import { describe, expect, it } from 'vitest';
import { Adam, SGD } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import { DivergedError, ExponentialMovingAverage, evaluate, fit } from '../../src/train/index.js';
import { examples, network, weightsOf } from './helpers.js';

const validation = examples();

describe('fit ends', () => {
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
    await expect(fit(model, examples(), { ...options, afterStep: fail })).rejects.toThrow('callback');
    expect(model.training).toBe(false);
    await expect(fit(model, examples(), { ...options, afterEpoch: fail })).rejects.toThrow('callback');
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

  it('within an epoch once it is aborted', async () => {
    const model = network();
    model.eval();
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const controller = new AbortController();
    const { signal } = controller;
    const reason = new Error('enough');
    const afterStep = () => {
      if (optimizer.steps === 2) controller.abort(reason);
    };
    const options = { loss: nn.crossEntropy, optimizer, batchSize: 10, afterStep, signal };
    await expect(fit(model, examples(), options)).rejects.toBe(reason);
    expect([optimizer.steps, model.training]).toEqual([2, false]);
  });

  it('after an epoch once it is aborted, also the last one', async () => {
    const model = network();
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const controller = new AbortController();
    const reason = new Error('enough');
    const afterEpoch = () => controller.abort(reason);
    const options = { loss: nn.crossEntropy, optimizer, afterEpoch, signal: controller.signal };
    await expect(fit(model, examples(), options)).rejects.toBe(reason);
    expect(optimizer.steps).toBe(4);
  });

  it('within the validation once it is aborted, and evaluate does', async () => {
    const model = network();
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    for (const run of [
      (options: { signal: AbortSignal; metrics: { abort: () => number } }) =>
        evaluate(model, validation, { loss: nn.crossEntropy, batchSize: 10, ...options }),
      (options: { signal: AbortSignal; metrics: { abort: () => number } }) =>
        fit(model, examples(), {
          loss: nn.crossEntropy,
          optimizer,
          validation,
          validationBatchSize: 10,
          ...options,
        }),
    ]) {
      const controller = new AbortController();
      const reason = new Error('enough');
      let judged = 0;
      const abort = () => {
        if (!model.training && ++judged === 3) controller.abort(reason);
        return 0;
      };
      await expect(run({ signal: controller.signal, metrics: { abort } })).rejects.toBe(reason);
      expect([judged, model.training]).toEqual([3, true]);
    }
  });

  it('with no gradient in any parameter, and starts with none in those it trains', async () => {
    // The second layer is not the optimizer's.
    const make = () => {
      const generator = new nn.Generator(1);
      const layers = [new nn.Linear(2, 3, { generator }), new nn.Linear(3, 2, { generator })] as const;
      return { layers, model: new nn.Sequential(...layers) };
    };
    const run = async ({ layers, model }: ReturnType<typeof make>) => {
      const optimizer = new SGD(layers[0].parameters(), { lr: 0.1 });
      await fit(model, examples(), { loss: nn.crossEntropy, optimizer });
      return weightsOf(model);
    };
    const expected = await run(make());
    const left = make();
    for (const parameter of left.model.parameters()) parameter.grad = parameter.value.map(() => 100);
    expect(await run(left)).toEqual(expected);
    for (const { grad } of left.model.parameters()) expect(grad?.every((g) => g === 0)).toBe(true);
  });
});
