import { describe, expect, it } from 'vitest';
import * as nn from '../../src/nn/index.js';
import { evaluate } from '../../src/train/index.js';
import { examples, network } from './helpers.js';

describe('evaluate', () => {
  const data = examples();
  const rows = data.y.length;

  it.each([1, 7, 50, 119, 120, 500])('weighs every row the same, %i at once', async (batchSize) => {
    const model = network();
    const metrics = { accuracy: nn.accuracy };
    const judged = await evaluate(model, data, { loss: nn.crossEntropy, metrics, batchSize });
    model.eval();
    const output = nn.noGrad(() => model.forward(data.x));
    expect(judged.loss).toBeCloseTo(nn.crossEntropy(output, data.y).item(), 6);
    expect(judged.metrics.accuracy).toBeCloseTo(nn.accuracy(output, data.y), 12);
  });

  it('shows every row once, in order, with its targets, a thousand at once by default', async () => {
    const x = nn.tensor(
      Array.from({ length: 2 * 2500 }, (_, i) => i),
      [2500, 2],
    );
    const seen: { from: number; rows: number; aligned: boolean }[] = [];
    const watch = (output: nn.Tensor, target: nn.Tensor) => {
      const aligned = output.value.every((value, i) => value === target.value[i]);
      seen.push({ from: target.value[0] / 2, rows: target.shape[0], aligned });
      return 0;
    };
    await evaluate(new nn.Sequential(), { x, y: x }, { loss: nn.mse, metrics: { watch } });
    expect(seen).toEqual([1000, 1000, 500].map((rows, i) => ({ from: 1000 * i, rows, aligned: true })));
  });

  it.each(['int32', 'uint8', 'bool'] as const)('shows rows of %s, a few at once', async (dtype) => {
    const x = nn.tensor([1, 0, 0, 1, 1, 0], [3, 2], { dtype });
    const seen: unknown[] = [];
    const loss = (output: nn.Tensor) => {
      seen.push(output.dtype, ...output.data);
      return nn.tensor(0);
    };
    await evaluate(new nn.Sequential(), { x, y: x }, { loss, batchSize: 2 });
    expect(seen).toEqual([dtype, 1, 0, 0, 1, dtype, 1, 0]);
  });

  it('is in evaluation mode, without gradients, and leaves every module as it was', async () => {
    const model = network();
    const dropout = model.namedChildren()[2][1];
    dropout.eval();
    const seen: boolean[] = [];
    const loss = (output: nn.Tensor, labels: Int32Array) => {
      seen.push(model.training, dropout.training, output.requiresGrad);
      // A loss may leave it in another mode.
      model.train();
      return nn.crossEntropy(output, labels);
    };
    await evaluate(model, data, { loss, batchSize: rows / 2 });
    expect(seen).toEqual(Array(6).fill(false));
    expect([model.training, dropout.training]).toEqual([true, false]);
    const fail = () => {
      throw new Error('loss');
    };
    await expect(evaluate(model, data, { loss: fail })).rejects.toThrow('loss');
    expect([model.training, dropout.training]).toEqual([true, false]);
  });

  it.each([
    [[{ x: 1 }, {}], /data.x must be a Tensor/],
    [[data, null], /options must be an object, got null/],
    [[data, { loss: nn.crossEntropy, size: 1 }], /"size"/],
    [[data, {}], /loss must be a function of output and target/],
    [[data, { loss: nn.crossEntropy, metrics: [] }], /metrics must be an object/],
    [[data, { loss: nn.crossEntropy, metrics: { a: () => '1' } }], /metrics.a must return a number, got "1"/],
    [[data, { loss: nn.crossEntropy, batchSize: 0 }], /batchSize must be an integer of at least 1, got 0/],
    [[data, { loss: () => nn.tensor([1, 2]) }], /loss must return a Tensor of one element/],
  ])('refuses %#', async (args, message) => {
    await expect(Reflect.apply(evaluate, undefined, [network(), ...args])).rejects.toThrow(message);
  });
});
