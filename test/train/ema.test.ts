import { describe, expect, it } from 'vitest';
import { Adam } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import { ExponentialMovingAverage, evaluate, fit } from '../../src/train/index.js';
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
