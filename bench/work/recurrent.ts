import type { Tensor } from '../../src/nn/index.js';
import type { Nn } from '../lockstep.js';
import { backwardWays, clearGradients } from './gradients.js';
import { numbers, type Work } from './work.js';

/** The kinds of recurrent layers: how many products of each of input and state a step has, and the layer. */
const kinds = {
  LSTM: {
    gates: 4,
    make({ LSTM }: Nn, width: number) {
      const layer = new LSTM(width, width);
      return { parameters: layer.parameters(), run: (x: Tensor) => layer.forward(x).output };
    },
  },
  GRU: {
    gates: 3,
    make({ GRU }: Nn, width: number) {
      const layer = new GRU(width, width);
      return { parameters: layer.parameters(), run: (x: Tensor) => layer.forward(x).output };
    },
  },
};

/** How large a recurrent layer and its sequences are. */
export interface RecurrentSizes {
  readonly width: number;
  readonly steps: number;
  readonly batch: number;
}

/** The gradients of one layer, by its input and its parameters. */
export function recurrent(kind: keyof typeof kinds, { width, steps, batch }: RecurrentSizes): Work {
  const shape = [steps, batch, width];
  const size = steps * batch * width;
  const random = `6 * torch.rand(${shape.join(', ')}) - 3`;
  // Of input and state; backwards each product becomes two as large.
  const operations = 3 * steps * batch * 2 * kinds[kind].gates * width * (2 * width);
  return {
    name: `${kind} ${width} wide, ${steps} steps, batch ${batch}, forward + backward`,
    elements: batch,
    demand: { operations },
    targets: { pytorch: 1.3 },
    prepare({ nn }) {
      const { parameters, run } = kinds[kind].make(nn, width);
      const x = nn.tensor(numbers(size), shape, { requiresGrad: true });
      const g = nn.tensor(numbers(size, 4), shape);
      const leaves = [x, ...parameters];
      return {
        step() {
          clearGradients(...leaves);
          run(x).mul(g).sum().backward();
        },
      };
    },
    pytorch: {
      setup: [
        `layer = torch.nn.${kind}(${width}, ${width})`,
        'a, b, c, d = layer.parameters()',
        `x = (${random}).requires_grad_()\ng = ${random}`,
      ].join('\n'),
      ways: backwardWays(['x', 'a', 'b', 'c', 'd'], '(layer(x)[0] * g).sum()'),
    },
  };
}
