import { twoSpirals } from '../../src/data/index.js';
import * as nn from '../../src/nn/index.js';
import { type Examples, examplesOf } from '../../src/train/index.js';

export const spirals = twoSpirals({ pointsPerArm: 60 });

export function network(seed = 1, hidden = 16): nn.Sequential {
  const generator = new nn.Generator(seed);
  return new nn.Sequential(
    new nn.Linear(2, hidden, { generator }),
    new nn.Tanh(),
    new nn.Dropout({ probability: 0.1 }),
    new nn.Linear(hidden, 2, { generator }),
  );
}

export const examples = (): Examples<Int32Array> => examplesOf(spirals);

/** The weights of a model, one array after the other. */
export const weightsOf = (model: nn.Module): number[] =>
  model.parameters().flatMap(({ value }) => Array.from(value));
