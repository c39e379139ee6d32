import {
  type NetworkName,
  networkNames,
  networks,
  sizesOf,
  stepOf,
  takeTurns,
} from '../training/networks.js';
import { trainingOperations } from '../training/operations.js';
import { trainingStatements } from '../training/pytorch.js';
import { workArea } from '../work/area.js';
import type { Work } from '../work/work.js';

/** What is promised: how much faster than PyTorch. */
const targets: Readonly<Record<NetworkName, number>> = { mlp: 1.4, cnn: 1.7, transformer: 1.6 };

/** Whole training steps: forward pass, loss, gradient, step of the optimizer. */
export const training = workArea({
  summary: 'training, samples/s, float32',
  work: networkNames.map((name) => workOf(name, false)),
  quickWork: networkNames.map((name) => workOf(name, true)),
  unit: 1,
  seconds: 0.15,
  notes: [
    'limit: multiply-adds on registers. A step demands those of its matrix products and convolutions: twice rows times',
    'columns times depth each, once forwards and twice backwards, but once in the first layer, whose input wants no',
    'gradient; of causal attention, those of the positions that are seen. Nothing else is counted.',
  ],
});

function workOf(name: NetworkName, quick: boolean): Work {
  const sizes = sizesOf(quick);
  const network = networks[name](sizes);
  return {
    name: network.name,
    elements: network.batch,
    demand: { operations: trainingOperations(name, sizes, network.batch) },
    targets: { pytorch: targets[name] },
    prepare(library) {
      const step = stepOf(library, network.optimizer, network.model(library.nn));
      const examples = takeTurns(network, library.nn);
      let taken = 0;
      return {
        step: () => void step(examples(taken++)),
        check() {
          const loss = step(examples(0)).item();
          if (!(0.1 < loss && loss < 1000)) {
            throw new Error(`the loss became ${loss}: what was measured is void`);
          }
        },
      };
    },
    pytorch: trainingStatements(name, sizes, network),
    tfjs: {
      script: new URL('../training/tfjs-process.ts', import.meta.url),
      request: { network: name, quick },
    },
  };
}
