// Trains one of the networks in a process of its own, on the target and threads that the environment asks for:
// node --expose-gc --import tsx bench/training/steps.ts cnn '{"hash":[20,200]}'. Prints a line of JSON for each step named:
// under `hash` its weights and the seconds so far, under `memory` what the process holds once all garbage is collected.
import { setTimeout as sleep } from 'node:timers/promises';
import { weightsHash } from '../../src/cli/compare/weights-hash.js';
import { checkObject, checkOneOf } from '../../src/core/validate.js';
import { loadLockstep, loadNn } from '../lockstep.js';
import { BATCHES, full, networkNames, networks, stepOf } from './networks.js';

const [, , name, wanted = '{}'] = process.argv;
checkOneOf('network', name, networkNames);
const asked: unknown = JSON.parse(wanted);
checkObject('steps', asked);
const stepsOf = (kind: string) => new Set(Array.isArray(asked[kind]) ? asked[kind].map(Number) : []);
const [hash, memory] = [stepsOf('hash'), stepsOf('memory')];

/** V8 gives memory back step by step: what is measured is what it holds once it is done. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) {
    globalThis.gc?.();
    await sleep(20);
  }
}

const [lockstep, nn] = [await loadLockstep({ quick: false }), await loadNn({ quick: false })];
const network = networks[name](full);
nn.manualSeed(1);
const model = network.model(nn);
const step = stepOf({ lockstep, nn }, network.optimizer, model);
const batches = Array.from({ length: BATCHES }, (_, b) => network.examples(nn, b + 1));
const start = performance.now();
const print = (message: object) => console.log(JSON.stringify(message));

print({ name: network.name, target: lockstep.currentTarget(), threads: lockstep.threads() });
for (let done = 1; done <= Math.max(...hash, ...memory); done++) {
  const loss = step(batches[done % BATCHES]);
  if (hash.has(done)) {
    const seconds = (performance.now() - start) / 1000;
    print({ step: done, hash: weightsHash(model.parameters()), loss: loss.item(), seconds });
  }
  if (memory.has(done)) {
    await settle();
    const { rss, external, heapUsed } = process.memoryUsage();
    print({ step: done, rss, external, heapUsed });
  }
}
