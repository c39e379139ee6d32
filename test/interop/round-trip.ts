// What `npm run check:pytorch` runs: prints models and optimizers after three steps, in PyTorch's names, and the models four
// steps later.
import { readFileSync } from 'node:fs';
import * as lockstep from '../../src/index.js';
import { fromPyTorch, optimizerToPyTorch, toPyTorch } from '../../src/interop/index.js';
import { type Golden, Net, stored } from './networks.js';

const golden: Golden = JSON.parse(readFileSync(new URL('../golden/interop.json', import.meta.url), 'utf8'));

const plain = (tensors: ReturnType<typeof toPyTorch>) =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { value, shape }]) => [
      name,
      { value: Array.from(value, Number), shape },
    ]),
  );

const trainings = golden.trainings.map(({ optimizer: name, options, before }) => {
  const model = fromPyTorch(new Net(golden), stored(before));
  const optimizer = new lockstep[name](model.parameters(), options);
  const steps = (count: number) => {
    for (let step = 0; step < count; step++) {
      model.zeroGrad();
      model.forward().backward();
      optimizer.step();
    }
    return plain(toPyTorch(model));
  };
  return {
    name,
    options,
    before: steps(3),
    states: plain(optimizerToPyTorch(optimizer, model)),
    after: steps(4),
  };
});
process.stdout.write(JSON.stringify(trainings));
