import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { targets, useTarget } from '../../src/backend/select.js';
import * as nn from '../../src/nn/index.js';
import { expectClose } from './helpers.js';

interface Entry {
  readonly shape: number[];
  readonly value: number[];
}

interface Golden {
  readonly rate: number;
  readonly x: Entry;
  readonly labels: number[];
  readonly target: Entry;
  readonly initial: Record<string, Entry>;
  readonly gradients: Record<string, number[]>;
  readonly losses: number[];
  readonly final: Record<string, Entry>;
  readonly evaluated: Entry;
}

const path = new URL('../golden/network.json', import.meta.url);
const golden: Golden = JSON.parse(readFileSync(path, 'utf8'));

const float64 = { dtype: 'float64' } as const;
const leaf = ({ shape, value }: Entry) => nn.tensor(value, shape, float64);

// A network of every layer, from PyTorch's initial state: test/golden/network.py.
describe.each(targets())('on %s', (target) => {
  it('computes the losses, gradients, running statistics and weights of PyTorch', () => {
    useTarget(target);
    const model = new nn.Sequential(
      new nn.Linear(3, 6, float64),
      new nn.BatchNorm1d(6, float64),
      new nn.ReLU(),
      new nn.Residual(
        new nn.Sequential(
          new nn.LayerNorm(6, float64),
          new nn.Linear(6, 9, float64),
          new nn.SiLU(),
          new nn.Linear(9, 6, { ...float64, bias: false }),
          new nn.Tanh(),
        ),
      ),
      new nn.Sigmoid(),
      new nn.Linear(6, 4, float64),
    );
    const state = Object.entries(golden.initial).map(([name, { shape, value }]) => {
      return [name, { shape, value: Float64Array.from(value) }] as const;
    });
    model.loadStateDict(Object.fromEntries(state));
    const [x, wanted] = [leaf(golden.x), leaf(golden.target)];
    for (const [step, expected] of golden.losses.entries()) {
      const y = model.forward(x);
      const loss = nn.crossEntropy(y, golden.labels).add(nn.mse(y, wanted));
      expectClose([loss.item()], [expected], `loss of step ${step}`);
      model.zeroGrad();
      loss.backward();
      for (const { name = '', value, grad } of model.parameters()) {
        if (grad === null) throw new Error(`${name} has no gradient`);
        if (step === 0) expectClose(grad, golden.gradients[name], `gradient of ${name}`);
        for (let i = 0; i < value.length; i++) value[i] -= golden.rate * grad[i];
      }
    }
    const final = model.stateDict();
    expect(Object.keys(final).sort()).toEqual(Object.keys(golden.final).sort());
    for (const [name, { value }] of Object.entries(golden.final)) expectClose(final[name].value, value, name);
    const evaluated = nn.noGrad(() => model.eval().forward(x));
    expectClose(evaluated.value, golden.evaluated.value, 'evaluated');
  });
});
