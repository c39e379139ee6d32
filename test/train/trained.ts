import { SGD } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import { type FitOptions, fit } from '../../src/train/index.js';
import { examples, network } from './helpers.js';

/** A training of 3 epochs of 5 steps, whose checkpoints hold all that its bits depend on. @param weights decides the first ones. */
export async function trained(weights: number, options: Partial<FitOptions<Int32Array>> = {}) {
  const model = network(weights, 4);
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
  const training = { loss: nn.crossEntropy, optimizer, epochs: 3, batchSize: 24, ...options };
  const history = await fit(model, examples(), training);
  const epochs = history.epochs.map(({ seconds, samplesPerSecond, ...others }) => others);
  return { model: model.stateDict(), optimizer: optimizer.stateDict(), history: { ...history, epochs } };
}
