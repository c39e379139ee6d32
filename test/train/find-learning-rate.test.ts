import { describe, expect, it } from 'vitest';
import { Adam, reduceOnPlateau, SGD, SWATS } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import { findLearningRate, fit, openLoader } from '../../src/train/index.js';
import { examples, network, spirals, weightsOf } from './helpers.js';

const loss = nn.crossEntropy;

describe('findLearningRate', () => {
  it('lets the rate grow by one factor, and finds a rate at which the model learns', async () => {
    const model = network();
    const optimizer = new Adam(model.parameters());
    const test = await findLearningRate(model, examples(), { loss, optimizer, from: 1e-5, to: 1, steps: 51 });
    const { rates, losses, smoothed, suggestion, minimum } = test;
    expect(rates[0]).toBeCloseTo(1e-5, 12);
    for (const [i, rate] of rates.entries()) expect(rate / 1e-5).toBeCloseTo(10 ** (i / 10), 4 - i / 10);
    expect([losses.length, smoothed.length]).toEqual([rates.length, rates.length]);
    expect(suggestion).toBeGreaterThan(1e-3);
    expect(suggestion).toBeLessThan(0.5);
    expect(suggestion).toBeLessThan(minimum);
    const run = async (lr: number) => {
      const model = network();
      const optimizer = new Adam(model.parameters(), { lr });
      const { epochs } = await fit(model, examples(), { loss, optimizer, epochs: 10 });
      return epochs[9].loss;
    };
    expect(await run(suggestion ?? 0)).toBeLessThan(0.9 * (await run(1e-5)));
  });

  it('knows the steepest place of a loss that it is told', async () => {
    const model = network();
    const optimizer = new SGD(model.parameters());
    // Falls around 1e-3 and grows from 1e-1 on.
    const curve = (lr: number) => {
      const x = Math.log10(lr);
      return 2 - 1 / (1 + Math.exp(-4 * (x + 3))) + Math.max(0, x + 1) ** 3;
    };
    const told = (output: nn.Tensor) => {
      const { lr } = optimizer;
      return output.sum().mul(0).add(curve(lr));
    };
    const options = { loss: told, optimizer, steps: 161, smoothing: 0.5, divergence: 10 };
    const { suggestion, minimum, losses, rates, diverged } = await findLearningRate(
      model,
      examples(),
      options,
    );
    for (const [i, rate] of rates.entries()) expect(losses[i]).toBeCloseTo(curve(rate), 4);
    expect(Math.log10(suggestion ?? 0)).toBeCloseTo(-3, 0.8);
    expect(Math.log10(minimum)).toBeGreaterThan(-2);
    expect(diverged).toBe(false);
  });

  it.each([
    [
      'grows',
      (output: nn.Tensor, step: number) =>
        output
          .sum()
          .mul(0)
          .add(step < 10 ? 1 : 2 ** step),
      12,
    ],
    [
      'is no number',
      (output: nn.Tensor, step: number) =>
        output
          .sum()
          .mul(0)
          .add(step < 10 ? 1 : Number.NaN),
      10,
    ],
  ])('ends where the loss %s', async (_, told, steps) => {
    const model = network();
    let step = 0;
    const optimizer = new SGD(model.parameters());
    const test = await findLearningRate(model, examples(), {
      loss: (output) => told(output, step++),
      optimizer,
    });
    expect(test.diverged).toBe(true);
    expect(test.rates.length).toBeLessThanOrEqual(steps);
    expect(test.suggestion).toBe(null);
  });

  it.each([
    ['Adam', false, Adam],
    ['Adam', true, Adam],
    ['SWATS', false, SWATS],
  ] as const)('leaves all of a training with %s as it was, background %s', async (_, background, Class) => {
    const train = async (isTested: boolean) => {
      const generator = new nn.Generator(1);
      const linear = (from: number, to: number) => new nn.Linear(from, to, { generator });
      const model = new nn.Sequential(linear(2, 8), new nn.BatchNorm1d(8), new nn.Tanh(), linear(8, 2));
      const [first, ...others] = model.parameters();
      const optimizer = new Class([{ params: [first] }, { params: others, lr: reduceOnPlateau(0.02) }], {
        lr: (step) => 0.1 / (1 + step),
      });
      await fit(model, examples(), { loss, optimizer, epochs: 2 });
      if (isTested) {
        const before = [
          weightsOf(model),
          optimizer.stateDict(),
          model.buffers().map(({ value }) => [...value]),
        ];
        await findLearningRate(model, examples(), { loss, optimizer, background });
        expect([
          weightsOf(model),
          optimizer.stateDict(),
          model.buffers().map(({ value }) => [...value]),
        ]).toEqual(before);
      }
      await fit(model, examples(), { loss, optimizer, epochs: 2, initialEpoch: 2 });
      return weightsOf(model);
    };
    expect(await train(true)).toEqual(await train(false));
  });

  it('leaves all as it was where the data fail, and takes a loader', async () => {
    const model = network();
    const optimizer = new Adam(model.parameters(), { lr: 0.25 });
    const before = weightsOf(model);
    let isBroken = true;
    const data = {
      length: spirals.rows,
      get(row: number) {
        if (isBroken && row === 3) throw new Error('row 3 is broken');
        return { x: spirals.features.subarray(2 * row, 2 * row + 2), y: spirals.labels[row] };
      },
    };
    const loader = await openLoader({ data }, { batchSize: 10, shuffle: false, prefetch: 0 });
    const options = { loss, optimizer };
    await expect(findLearningRate(model, loader, options)).rejects.toThrow('row 3 is broken');
    isBroken = false;
    expect((await findLearningRate(model, loader, options)).rates.length).toBeGreaterThan(20);
    expect([weightsOf(model), optimizer.lr, optimizer.steps]).toEqual([before, 0.25, 0]);
  });

  it.each([
    [{ from: 0 }, /from must be a finite number greater than 0/],
    [{ from: 1, to: 0.5 }, /to must be a finite number greater than 1/],
    [{ steps: 1 }, /steps must be an integer of at least 2/],
    [{ smoothing: 1 }, /smoothing must be in \[0, 1\)/],
    [{ divergence: 1 }, /divergence must be a finite number greater than 1/],
    [{ optimizer: {} }, /optimizer must be an optimizer such as new Adam/],
    [{ rate: 1 }, /findLearningRate has no option "rate"/],
  ])('refuses %o', async (options, message) => {
    const model = network();
    const all = { loss, optimizer: new SGD(model.parameters()), ...options };
    await expect(Reflect.apply(findLearningRate, null, [model, examples(), all])).rejects.toThrow(message);
  });
});
