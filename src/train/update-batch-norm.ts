import { show } from '../core/validate.js';
import { BatchNorm1d, BatchNorm2d, Module, noGrad, Tensor } from '../nn/index.js';

/**
 * Finds the running statistics of batch normalisation again, for weights that no batch has been through, such as averages: those of
 * all batches count alike, as torch.optim.swa_utils.update_bn has it. The model is in training mode meanwhile, and runs without
 * gradients.
 *
 * @param batches inputs of the model.
 * @returns how many layers of batch normalisation there are; without any, no batch is asked for.
 * @throws TypeError naming what is no model or no tensor, and whatever `forward` throws: modes and momenta are then as they were.
 */
export function updateBatchNorm(model: Module, batches: Iterable<Tensor>): number {
  if (!(model instanceof Module)) throw new TypeError(`model must be a Module, got ${show(model)}`);
  const layers = model.modules().filter((one) => one instanceof BatchNorm1d || one instanceof BatchNorm2d);
  if (layers.length === 0) return 0;
  const momenta = layers.map(({ momentum }) => momentum);
  const modes = model.modules().map((module) => ({ module, training: module.training }));
  try {
    model.train();
    noGrad(() => {
      for (const { runningMean, runningVar } of layers) {
        runningMean.fill_(0);
        runningVar.fill_(1);
      }
    });
    let seen = 0;
    for (const batch of batches) {
      if (!(batch instanceof Tensor)) throw new TypeError(`batches must give tensors, got ${show(batch)}`);
      seen++;
      for (const layer of layers) layer.momentum = 1 / seen;
      noGrad(() => {
        model.forward(batch);
      });
    }
  } finally {
    for (const [i, layer] of layers.entries()) layer.momentum = momenta[i];
    // The outer ones first: each is set with all inside.
    for (const { module, training } of modes) module.train(training);
  }
  return layers.length;
}
