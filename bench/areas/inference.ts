import { type NetworkName, networkNames, networks, sizesOf, takeTurns } from '../training/networks.js';
import { forwardOperations } from '../training/operations.js';
import { inferenceStatements } from '../training/pytorch.js';
import { workArea } from '../work/area.js';
import type { Work } from '../work/work.js';

/** Forward passes of the networks that `training` trains. */
export const inference = workArea({
  summary: 'forward passes, samples/s, float32',
  work: networkNames.map((name) => workOf(name, false)),
  quickWork: networkNames.map((name) => workOf(name, true)),
  unit: 1,
  seconds: 0.1,
  notes: ['limit: multiply-adds on registers, as many as the matrix products and convolutions have.'],
});

function workOf(name: NetworkName, quick: boolean): Work {
  const sizes = sizesOf(quick);
  const network = networks[name](sizes);
  return {
    name: network.name.replace(/, \w+$/, ''),
    elements: network.batch,
    demand: { operations: forwardOperations(name, sizes, network.batch) },
    targets: {},
    prepare({ nn }) {
      const model = network.model(nn).eval();
      const examples = takeTurns(network, nn);
      let taken = 0;
      return { step: () => void nn.noGrad(() => void model.forward(examples(taken++).x)) };
    },
    pytorch: inferenceStatements(name, sizes, network.batch),
    onnx: { network: name, quick },
  };
}
