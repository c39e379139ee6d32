import { checkFunction, show } from '../core/validate.js';
import {
  add,
  crossEntropy,
  type Generator,
  mse,
  mul,
  noGrad,
  randn,
  sampleCategorical,
  type Tensor,
} from '../nn/index.js';
import type { HessianEstimate } from '../optim/index.js';
import type { Loss } from './evaluate.js';
import type { Target } from './examples.js';

/**
 * The loss of an output and targets that are drawn from what the model says with it: minus the logarithm of a probability, and of its
 * gradient at such targets the mean is zero and the square the curvature (Gauss-Newton-Bartlett, Liu et al. 2023,
 * https://arxiv.org/abs/2305.14342, section 2.3).
 *
 * @param output gives the probabilities; what is drawn is a constant
 * @param generator to draw with: at each step another part of the stream of the training's seed
 * @param target those of the rows, of which some may not count
 * @returns the mean over the rows, as the loss itself, and with its scale.
 */
export type SampledLoss<Y extends Target> = (output: Tensor, generator: Generator, target: Y) => Tensor;

/** A loss that draws. */
export type LossFrom<Y extends Target> = (generator: Generator) => Loss<Y>;

const KNOWN: ReadonlyMap<unknown, SampledLoss<Target>> = new Map<unknown, SampledLoss<Target>>([
  [crossEntropy, (output, generator) => crossEntropy(output, sampleCategorical(output, generator))],
  [mse, sampledMse],
]);

/** Of the normal distribution around the output of which `mse` is minus the logarithm, row by row: but for a constant. */
function sampledMse(output: Tensor, generator: Generator): Tensor {
  const columns = output.size / output.shape[0];
  const noise = randn(output.shape, { generator, dtype: output.dtype });
  return mse(
    output,
    noGrad(() => add(output, mul(noise, Math.sqrt(columns / 2)))),
  );
}

/**
 * @param hessian the optimizer's
 * @returns null where the optimizer has no use for one.
 * @throws TypeError where there is none.
 */
export function sampledLossOf<Y extends Target>(
  hessian: HessianEstimate | undefined,
  loss: Loss<Y>,
  given: SampledLoss<Y> | undefined,
): LossFrom<Y> | null {
  if (given !== undefined) checkFunction('sampledLoss', given);
  if (hessian === undefined) return null;
  const sampled = given ?? KNOWN.get(loss);
  if (sampled === undefined) {
    throw new TypeError(
      'sampledLoss must be given with an optimizer that estimates the Hessian, such as SophiaG, where the loss is neither crossEntropy nor ' +
        `mse itself: a function of the output and a generator to draw targets with, got ${show(given)}`,
    );
  }
  return (generator) => (output, target) => sampled(output, generator, target);
}
