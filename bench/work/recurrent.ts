import { backwardWays, clearGradients } from './gradients.js';
import { numbers, type Work } from './work.js';

/** How large an LSTM and its sequences are. */
export interface LstmSizes {
  readonly width: number;
  readonly steps: number;
  readonly batch: number;
}

/** The gradients of an LSTM of one layer, by its input and its parameters. */
export function lstm({ width, steps, batch }: LstmSizes): Work {
  const shape = [steps, batch, width];
  const size = steps * batch * width;
  const random = `6 * torch.rand(${shape.join(', ')}) - 3`;
  // Of input and state, four gates each; backwards each product becomes two as large.
  const operations = 3 * steps * batch * 2 * 4 * width * (2 * width);
  return {
    name: `LSTM ${width} wide, ${steps} steps, batch ${batch}, forward + backward`,
    elements: batch,
    demand: { operations },
    targets: { pytorch: 1.5 },
    prepare({ nn }) {
      const layer = new nn.LSTM(width, width);
      const x = nn.tensor(numbers(size), shape, { requiresGrad: true });
      const g = nn.tensor(numbers(size, 4), shape);
      const leaves = [x, ...layer.parameters()];
      return {
        step() {
          clearGradients(...leaves);
          layer.forward(x).output.mul(g).sum().backward();
        },
      };
    },
    pytorch: {
      setup: [
        `layer = torch.nn.LSTM(${width}, ${width})`,
        'a, b, c, d = layer.parameters()',
        `x = (${random}).requires_grad_()\ng = ${random}`,
      ].join('\n'),
      ways: backwardWays(['x', 'a', 'b', 'c', 'd'], '(layer(x)[0] * g).sum()'),
    },
  };
}
