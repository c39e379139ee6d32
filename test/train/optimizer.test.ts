import { expect, test } from 'vitest';
import { SGD } from '../../src/index.js';
import { Linear, mse, tensor } from '../../src/nn/index.js';
import { fit } from '../../src/train/index.js';

const data = { x: tensor(new Float32Array(8).fill(1), [4, 2]), y: tensor(new Float32Array(4), [4, 1]) };

test('fit refuses an optimizer of another model, and says what to do', async () => {
  const [model, other] = [new Linear(2, 1), new Linear(2, 1)];
  const train = (optimizer: SGD, schedule?: number) =>
    fit(model, data, { loss: mse, optimizer, ...(schedule === undefined ? {} : { schedule }) });
  const before = model.weight.value.slice();
  const foreign = new SGD(other.parameters(), { lr: 0.1 });
  await expect(train(foreign, 0.5)).rejects.toThrow(
    /holds none of them: .* new Adam\(model\.parameters\(\)\)/,
  );
  expect([model.weight.value, foreign.lr, foreign.steps]).toEqual([before, 0.1, 0]);
  await train(
    new SGD(
      [model.bias, other.weight].flatMap((one) => one ?? []),
      { lr: 0.1 },
    ),
  );
  // Parameters of the user's own making, over the model's arrays.
  const { value } = model.weight;
  await train(new SGD([{ name: 'own', value, grad: null }], { lr: 0.1 }));
});

test('fit refuses a model of which nothing is trained', async () => {
  const [model, other] = [new Linear(2, 1), new Linear(2, 1)];
  for (const parameter of model.parameters()) parameter.requiresGrad = false;
  const optimizer = new SGD(other.parameters(), { lr: 0.1 });
  await expect(fit(model, data, { loss: mse, optimizer })).rejects.toThrow(
    /^model must have a parameter to train/,
  );
});
