// What fit gives to an optimizer that estimates the Hessian: gradients at targets that the model itself would have given.
import { describe, expect, it } from 'vitest';
import { positionOfLayers } from '../../src/data/epochs.js';
import { Adam, Lookahead, SophiaG } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import * as train from '../../src/train/index.js';
import { examples, network, weightsOf } from './helpers.js';

/** With which the estimate decides most steps. */
const options = { lr: 0.01, betas: [0.9, 0.5], rho: 10, batchSize: 24, hessianInterval: 3 } as const;
type Options = Partial<train.FitOptions<Int32Array>>;

async function trained(own: Options = {}): Promise<number[]> {
  const model = network();
  await train.fit(model, examples(), {
    ...{ loss: nn.crossEntropy, optimizer: new SophiaG(model.parameters(), options) },
    ...{ batchSize: 24, epochs: 2 },
    ...own,
  });
  return weightsOf(model);
}

/** Trains a linear layer that stays as it is. @returns the mean of the estimates, times the rows of a step. */
async function estimated<Y extends train.Target>(
  layer: nn.Linear,
  data: train.Examples<Y>,
  loss: train.Loss<Y>,
): Promise<number[]> {
  const rows = data.x.shape[0];
  const steps = 3000;
  const sums = new Array<number>(layer.weight.size).fill(0);
  const optimizer = new SophiaG([layer.weight], { lr: 0, betas: [0.9, 0], hessianInterval: 1 });
  await train.fit(layer, data, {
    ...{ loss, optimizer, epochs: steps, batchSize: rows, shuffle: false },
    afterStep: () => {
      const [{ arrays }] = Object.values(optimizer.stateDict().parameters);
      for (let i = 0; i < sums.length; i++) sums[i] += (rows * arrays.h[i]) / steps;
    },
  });
  return sums;
}

describe('the sampled loss of fit', () => {
  it("trains SophiaG as a loop of one's own does", async () => {
    const make = () => {
      const generator = new nn.Generator(3);
      return new nn.Sequential(new nn.Linear(2, 8, { generator }), new nn.Linear(8, 2, { generator }));
    };
    const [model, other] = [make(), make()];
    const optimizer = new SophiaG(model.parameters(), options);
    const mine = new SophiaG(other.parameters(), options);
    const { x, y } = examples();
    // The gradients of the estimate are not clipped.
    const shared = { batchSize: y.length, shuffle: false, epochs: 7, seed: 4, clipGradNorm: 0.01 };
    await train.fit(model, examples(), { loss: nn.crossEntropy, optimizer, ...shared });
    for (let step = 1; step <= 7; step++) {
      mine.zeroGrad();
      nn.crossEntropy(other.forward(x), y).backward();
      mine.clipGradNorm(shared.clipGradNorm);
      mine.step();
      if (step % 3 !== 0) continue;
      const generator = new nn.Generator(shared.seed, positionOfLayers(step - 1));
      mine.zeroGrad();
      const output = other.forward(x);
      nn.crossEntropy(output, nn.sampleCategorical(output, generator)).backward();
      mine.updateHessian();
    }
    expect(optimizer.stateDict()).toEqual(mine.stateDict());
    expect(weightsOf(model)).toEqual(weightsOf(other));
  });

  it('has the same bits in the background, and others where batches are parts of a step', async () => {
    const weights = await trained();
    expect(await trained({ background: true })).toEqual(weights);
    const parts = { batchSize: 6, gradientAccumulation: 4 };
    const accumulated = await trained(parts);
    expect(accumulated).not.toEqual(weights);
    expect(await trained({ ...parts, background: true })).toEqual(accumulated);
    expect(await trained({ microBatches: 4 })).toEqual(await trained({ microBatches: 4, background: true }));
  });

  it('estimates the curvature of a cross entropy', async () => {
    const layer = new nn.Linear(2, 2, { bias: false, generator: new nn.Generator(1) });
    const x = nn.tensor([1, 0.5, -2, 1, 0.3, 3], [3, 2]);
    const found = await estimated(layer, { x, y: Int32Array.of(0, 1, 1) }, nn.crossEntropy);
    // x_i^2 p (1 - p), the mean over the rows: for two classes the same for both.
    const p = nn.noGrad(() => Array.from(nn.softmax(layer.forward(x), 1).value));
    const expected = [0, 1, 0, 1].map((column, i) =>
      [0, 1, 2].reduce((sum, row) => {
        const share = p[2 * row + Math.floor(i / 2)];
        return sum + (x.value[2 * row + column] ** 2 * share * (1 - share)) / 3;
      }, 0),
    );
    for (const [i, value] of found.entries()) expect(value / expected[i]).toBeCloseTo(1, 1);
  });

  it('estimates the curvature of a mean squared error', async () => {
    const layer = new nn.Linear(2, 3, { bias: false, generator: new nn.Generator(1) });
    const x = nn.tensor([1, 0.5, -2, 1], [2, 2]);
    const found = await estimated(layer, { x, y: nn.zeros([2, 3]) }, nn.mse);
    // 2 / 3 x_i^2, the mean over the rows: 3 numbers have a row's error between them.
    const expected = [5 / 3, 1.25 / 3];
    for (const [i, value] of found.entries()) expect(value / expected[i % 2]).toBeCloseTo(1, 1);
  });

  it('reaches the optimizer inside of another one', async () => {
    const model = network();
    const inner = new SophiaG(model.parameters(), options);
    await train.fit(model, examples(), {
      loss: nn.crossEntropy,
      optimizer: new Lookahead(inner),
      batchSize: 24,
    });
    const [{ arrays }] = Object.values(inner.stateDict().parameters);
    expect(arrays.h.some((value) => value > 0)).toBe(true);
  });

  it("takes one's own, of the rows and what was drawn", async () => {
    const positions: number[] = [];
    const smooth = { labelSmoothing: 0.1 };
    const loss: train.Loss<Int32Array> = (output, y) => nn.crossEntropy(output, y, smooth);
    const sampledLoss: train.SampledLoss<Int32Array> = (output, generator, y) => {
      positions.push(generator.position);
      expect(y).toHaveLength(24);
      return nn.crossEntropy(output, nn.sampleCategorical(output, generator), smooth);
    };
    await trained({ loss, sampledLoss });
    expect(positions).toHaveLength(3);
    expect(new Set(positions).size).toBe(3);
    // Others have no use for it.
    const model = network();
    await train.fit(model, examples(), { loss, sampledLoss, optimizer: new Adam(model.parameters()) });
    expect(positions).toHaveLength(3);
  });

  it('must be given with a loss that is not known, and be finite', async () => {
    const loss: train.Loss<Int32Array> = (output, y) => nn.crossEntropy(output, y);
    await expect(trained({ loss })).rejects.toThrow(
      'sampledLoss must be given with an optimizer that estimates the Hessian, such as SophiaG, where the loss is neither ' +
        'crossEntropy nor mse itself',
    );
    const wrong: object = { sampledLoss: 3 };
    await expect(trained(wrong)).rejects.toThrow('sampledLoss must be a function, got 3');
    const sampledLoss: train.SampledLoss<Int32Array> = (output) => nn.mul(nn.sum(output), Number.NaN);
    await expect(trained({ sampledLoss })).rejects.toThrow('the loss is NaN at step 3, in epoch 0');
  });
});
