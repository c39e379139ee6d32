import { describe, expect, it } from 'vitest';
import { Adam, ScheduleFreeAdamW } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import {
  ExponentialMovingAverage,
  evaluate,
  fit,
  StochasticWeightAverage,
  updateBatchNorm,
} from '../../src/train/index.js';
import { examples, network, weightsOf } from './helpers.js';

const validation = examples();

describe('ExponentialMovingAverage', () => {
  it('is the average of the weights, bit for bit as written out', async () => {
    const model = network();
    const ema = new ExponentialMovingAverage(model.parameters(), { decay: 0.9, warmup: false });
    const expected = model.parameters().map(({ value }) => value.slice());
    const f = Math.fround;
    const afterStep = () => {
      for (const [p, { value }] of model.parameters().entries()) {
        const average = expected[p] ?? new Float32Array();
        for (const [i, w] of value.entries()) {
          const a = average[i] ?? 0;
          average[i] = f(a - f(f(1 - 0.9) * f(-w + a)));
        }
      }
    };
    const optimizer = new Adam(model.parameters());
    await fit(model, examples(), { loss: nn.crossEntropy, optimizer, epochs: 3, ema, afterStep });
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

  it('keeps at most (1 + t) / (10 + t) of the average while it warms up, and its decay from there on', () => {
    const keeps = (options: object, updates: number) => {
      const parameter = { value: Float64Array.of(0), grad: null };
      const ema = new ExponentialMovingAverage([parameter], options);
      return Array.from({ length: updates }, () => {
        // From an average of 1 towards 0, the average is what is kept.
        ema.apply();
        const average = parameter.value[0];
        ema.restore();
        parameter.value[0] = average - 1;
        ema.update();
        ema.apply();
        const kept = parameter.value[0] - (average - 1);
        ema.restore();
        return kept;
      });
    };
    const close = (actual: readonly number[], expected: readonly number[]) => {
      expect(actual).toHaveLength(expected.length);
      for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(expected[i], 12);
    };
    close(keeps({ decay: 0.4 }, 7), [2 / 11, 3 / 12, 4 / 13, 5 / 14, 6 / 15, 0.4, 0.4]);
    close(keeps({ decay: 0.4, warmup: false }, 2), [0.4, 0.4]);
    close(keeps({ warmup: false }, 1), [0.999]);
    expect(keeps({}, 9000).at(-1)).toBeCloseTo(0.999, 10);
  });

  it('goes on from what was saved, by the names of the weights', () => {
    const make = () => [1, 2].map((n) => ({ name: `w${n}`, value: Float32Array.of(n, -n), grad: null }));
    const [first, second] = [make(), make()];
    const saved = new ExponentialMovingAverage(first, { decay: 0.5 });
    first[0].value[0] = 9;
    saved.update();
    const state = structuredClone(saved.stateDict());
    saved.update();
    const resumed = new ExponentialMovingAverage(second.toReversed(), { decay: 0.5 });
    second[0].value[0] = 9;
    resumed.loadStateDict(state);
    resumed.update();
    expect(resumed.stateDict()).toEqual(saved.stateDict());
    const without = { ...state, averages: { w1: state.averages.w1 } };
    expect(() => resumed.loadStateDict(without)).toThrow(
      /state\.averages\["w2"\] must be a Float32Array\(2\), got undefined/,
    );
    expect(resumed.stateDict()).toEqual(saved.stateDict());
  });

  it('starts from the weights, which it does not change', () => {
    const parameter = { value: Float32Array.of(1, 2), grad: null };
    const ema = new ExponentialMovingAverage([parameter]);
    ema.apply();
    expect([...parameter.value]).toEqual([1, 2]);
    expect(ema.applied).toBe(true);
    ema.restore();
    expect(ema.applied).toBe(false);
    ema.update();
    expect([...parameter.value, ema.updates]).toEqual([1, 2, 1]);
  });

  it('is refused by fit while it holds the averages, before anything has changed', async () => {
    const model = network();
    model.eval();
    const ema = new ExponentialMovingAverage(model.parameters());
    ema.apply();
    const optimizer = new Adam(model.parameters(), { lr: 0.5 });
    const before = weightsOf(model);
    const options = { loss: nn.crossEntropy, optimizer, schedule: 0.25, ema };
    await expect(fit(model, examples(), options)).rejects.toThrow(/ema must .* call restore\(\) first/);
    expect([optimizer.lr, optimizer.steps, model.training]).toEqual([0.5, 0, false]);
    expect(weightsOf(model)).toEqual(before);
    ema.restore();
    await fit(model, examples(), options);
    expect(ema.updates).toBe(4);
  });

  it.each([
    [[5], /params must be an iterable of parameters, got 5/],
    [[[{}]], /params\[0\]\.value must be a Float32Array/],
    [[[], { decay: 1 }], /decay must be in \[0, 1\), got 1/],
    [[[], { warmup: 1 }], /warmup must be a boolean, got 1/],
    [[[], { rate: 1 }], /"rate"/],
    [[[], null], /must be an object, got null/],
  ])('refuses %#', (args, message) => {
    expect(() => Reflect.construct(ExponentialMovingAverage, args)).toThrow(message);
  });
});

describe('StochasticWeightAverage', () => {
  it('begins as the weights of the first update, however far those it was made with are', () => {
    const parameter = { value: Float32Array.of(1e5, -1e5), grad: null };
    const average = new StochasticWeightAverage([parameter]);
    parameter.value.set([1e-3, 0.3]);
    average.update();
    expect(average.stateDict().averages['#0']).toEqual(parameter.value);
  });

  it('is the mean of the weights at all updates', () => {
    const w = { name: 'w', value: Float64Array.of(0, 0), grad: null };
    const average = new StochasticWeightAverage([w]);
    for (const n of [1, 2, 6]) {
      w.value.set([n, -n]);
      average.update();
    }
    w.value.fill(9);
    average.apply();
    expect(w.value[0]).toBeCloseTo(3, 14);
    expect(w.value[1]).toBeCloseTo(-3, 14);
    average.restore();
    expect([...w.value]).toEqual([9, 9]);
  });
});

describe('updateBatchNorm', () => {
  it('gives the mean of the statistics of all batches, and leaves the rest as it was', () => {
    const [norm, dropout] = [new nn.BatchNorm1d(1, { momentum: 0.3 }), new nn.Dropout()];
    const model = new nn.Sequential(norm, dropout);
    dropout.eval();
    const batches = [nn.tensor([[1], [3]]), nn.tensor([[4], [10]])];
    expect(updateBatchNorm(model, batches)).toBe(1);
    expect([norm.runningMean.item(), norm.runningVar.item()]).toEqual([4.5, 10]);
    expect([norm.momentum, norm.training, dropout.training]).toEqual([0.3, true, false]);
    expect(updateBatchNorm(new nn.Linear(1, 1), batches)).toBe(0);
    expect(() => Reflect.apply(updateBatchNorm, null, [model, [3]])).toThrow(
      'batches must give tensors, got 3',
    );
    expect(norm.momentum).toBe(0.3);
  });
});

describe('fit with a schedule-free optimizer', () => {
  it('judges the average, and trains as without validation', async () => {
    const run = async (judged: boolean) => {
      const model = network();
      const optimizer = new ScheduleFreeAdamW(model.parameters(), { lr: 0.01 });
      const result = await fit(model, examples(), {
        loss: nn.crossEntropy,
        optimizer,
        epochs: 2,
        ...(judged && { validation }),
      });
      optimizer.eval();
      const { loss } = await evaluate(model, validation, { loss: nn.crossEntropy });
      return { weights: weightsOf(model), last: result.epochs.at(-1)?.validation?.loss, loss };
    };
    const [judged, plain] = [await run(true), await run(false)];
    expect(judged.weights).toEqual(plain.weights);
    expect(judged.last).toBeCloseTo(judged.loss, 6);
  });
});
