import type { Module, Tensor } from '../nn/index.js';
import { type Loss, lossOf } from './evaluate.js';
import type { Target } from './examples.js';
import type { Batch } from './steps.js';

/** What a model says of a batch in training. */
export interface Output {
  readonly output: Tensor;
  readonly loss: Tensor;
}

export function outputOf<Y extends Target>(model: Module, loss: Loss<Y>, { x, y }: Batch<Y>): Output {
  // A callback or a validation may have changed it.
  if (!model.training) model.train();
  const output = model.forward(x);
  return { output, loss: lossOf(loss, output, y) };
}
