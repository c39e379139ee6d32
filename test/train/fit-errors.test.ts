import { describe, expect, it } from 'vitest';
import { Adam } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import { DataLoader, fit } from '../../src/train/index.js';
import { examples, network } from './helpers.js';

const metrics = { accuracy: nn.accuracy };

describe('fit refuses', () => {
  const model = network();
  const optimizer = new Adam(model.parameters());
  const loader = new DataLoader(examples());
  it.each([
    [[{}, examples(), {}], /model must be a Module/],
    [[model, examples(), { loss: 'mse', optimizer }], /loss must be a function of output and target/],
    [[model, examples(), { loss: nn.crossEntropy, optimizer: {} }], /optimizer must be an optimizer such as/],
    [[model, examples(), { loss: nn.crossEntropy, optimizer, epochs: 0 }], /epochs must be an integer of at/],
    [
      [model, examples(), { loss: nn.crossEntropy, optimizer, epochs: 1.5 }],
      /epochs must be an integer of at/,
    ],
    [
      [model, examples(), { loss: nn.crossEntropy, optimizer, epoch: 3 }],
      /fit has no option "epoch"; did you mean "epochs"/,
    ],
    [
      [model, examples(), { loss: nn.crossEntropy, optimizer, epochs: 1e7 }],
      /initialEpoch \+ epochs must be at most/,
    ],
    [
      [model, examples(), { loss: nn.crossEntropy, optimizer, monitor: 'x' }],
      /monitor must be one of "loss"/,
    ],
    [
      [model, examples(), { loss: nn.crossEntropy, optimizer, metrics: { loss: nn.accuracy } }],
      /one called loss/,
    ],
    [
      [model, examples(), { loss: nn.crossEntropy, optimizer, metrics: { a: 1 } }],
      /metrics.a must be a function/,
    ],
    [
      [model, loader, { loss: nn.crossEntropy, optimizer, batchSize: 2 }],
      /batchSize must not be given with a Data/,
    ],
    [
      [model, examples(), { loss: nn.crossEntropy, optimizer, ema: {} }],
      /ema must have apply\(\), restore\(\)/,
    ],
    [[model, examples(), { loss: nn.crossEntropy, optimizer, signal: {} }], /signal must be an AbortSignal/],
    [
      [
        model,
        examples(),
        { loss: nn.crossEntropy, optimizer, metrics, monitor: 'accuracy', earlyStopping: {} },
      ],
      /earlyStopping.mode must say whether a lower or a higher accuracy is better/,
    ],
    [
      [model, examples(), { loss: nn.crossEntropy, optimizer, validation: {} }],
      /validation.x must be a Tensor/,
    ],
    [
      [model, examples(), { loss: nn.crossEntropy, optimizer, validationBatchSize: 0 }],
      /validationBatchSize must be an integer of at least 1, got 0/,
    ],
    [[model, examples(), { loss: nn.crossEntropy, optimizer, clipGradNorm: -1 }], /^clipGradNorm must be/],
    [
      [model, examples(), { loss: nn.crossEntropy, optimizer, afterStep: 1 }],
      /afterStep must be a function, got 1/,
    ],
    [
      [model, examples(), { loss: nn.crossEntropy, optimizer, afterEpoch: 1 }],
      /afterEpoch must be a function/,
    ],
    [[model, examples(), { loss: nn.crossEntropy, optimizer, observe: 1 }], /observe must be a boolean/],
    [
      [model, examples(), { loss: nn.crossEntropy, optimizer, batchSize: 0 }],
      /^batchSize must be an integer/,
    ],
    [
      [model, examples(), { loss: nn.crossEntropy, optimizer, gradientAccumulation: 0 }],
      /gradientAccumulation must be an integer of at least 1, got 0/,
    ],
    [[model, examples(), { loss: () => 1, optimizer }], /loss must return a Tensor of one element/],
  ])('%#', async (args, message) => {
    await expect(Reflect.apply(fit, undefined, args)).rejects.toThrow(message);
  });
});
