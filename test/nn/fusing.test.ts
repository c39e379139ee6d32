import { describe, expect, it } from 'vitest';
import * as nn from '../../src/nn/index.js';

const activations = {
  ReLU: () => new nn.ReLU(),
  Tanh: () => new nn.Tanh(),
  Sigmoid: () => new nn.Sigmoid(),
  SiLU: () => new nn.SiLU(),
  GELU: () => new nn.GELU(),
  'GELU with tanh': () => new nn.GELU({ approximate: 'tanh' }),
  Softplus: () => new nn.Softplus(),
};

const layer = (bias: boolean) => new nn.Linear(37, 21, { bias, generator: new nn.Generator(1) });

function input(): nn.Tensor {
  const generator = new nn.Generator(2);
  const values = Float32Array.from({ length: 13 * 37 }, () => 3 * generator.normal());
  return nn.tensor(values, [13, 37], { requiresGrad: true });
}

/** The result and all gradients. */
function run(forward: (x: nn.Tensor) => nn.Tensor, parameters: readonly nn.Tensor[]): unknown {
  const x = input();
  const y = forward(x);
  const value = y.value.slice();
  nn.square(y).sum().backward();
  return [value, x.grad, ...parameters.map(({ grad }) => grad)].map((array) => Array.from(array ?? []));
}

describe.each(Object.entries(activations))('Sequential of Linear and %s', (_, create) => {
  it.each([true, false])('has the bits of one after the other, bias %s', (bias) => {
    const [together, apart] = [layer(bias), layer(bias)];
    const activation = create();
    const model = new nn.Sequential(together, activation);
    const expected = run((x) => activation.forward(apart.forward(x)), apart.parameters());
    expect(run((x) => model.forward(x), together.parameters())).toEqual(expected);
    const y = nn.noGrad(() => model.forward(input()));
    const alone = nn.noGrad(() => activation.forward(apart.forward(input())));
    expect(y.value).toEqual(alone.value);
  });
});

describe('a forward of its own', () => {
  it('is called where a subclass of a layer has one', () => {
    class Zero extends nn.Linear {
      override forward(x: nn.Tensor): nn.Tensor {
        return super.forward(x).mul(0);
      }
    }
    const model = new nn.Sequential(new Zero(37, 5), new nn.ReLU());
    expect(Math.max(...model.forward(input()).value)).toBe(0);
  });

  it('is called where a subclass of an activation has one', () => {
    class Shifted extends nn.ReLU {
      override forward(x: nn.Tensor): nn.Tensor {
        return super.forward(x).add(1);
      }
    }
    const model = new nn.Sequential(new nn.Linear(37, 5), new Shifted());
    expect(Math.min(...model.forward(input()).value)).toBeGreaterThanOrEqual(1);
  });
});
