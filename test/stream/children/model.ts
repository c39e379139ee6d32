import * as nn from '../../../src/nn/index.js';
import { Adam } from '../../../src/optim/index.js';
import { fit } from '../../../src/train/index.js';

/** A training in the background that takes a while. */
export function learn(epochs: number): Promise<unknown> {
  const model = new nn.Sequential(new nn.Linear(64, 256), new nn.ReLU(), new nn.Linear(256, 10));
  const data = {
    x: nn.tensor(
      Float32Array.from({ length: 512 * 64 }, (_, i) => Math.sin(i)),
      [512, 64],
    ),
    y: Int32Array.from({ length: 512 }, (_, i) => i % 10),
  };
  const optimizer = new Adam(model.parameters());
  return fit<Int32Array>(model, data, { loss: nn.crossEntropy, optimizer, epochs, background: true });
}
