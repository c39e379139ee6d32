// The networks of the benchmark at small sizes, but with more terms, rows and columns than the kernels' blocks have: what
// `npm run check:training` does at full size.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type NetworkName,
  networkNames,
  networks,
  type Sizes,
  stepOf,
  tiny,
} from '../../bench/training/networks.js';
import { weightsHash } from '../../src/cli/compare/weights-hash.js';
import * as lockstep from '../../src/index.js';
import { pool } from '../../src/nn/engine/pool.js';
import * as nn from '../../src/nn/index.js';

// Products in blocks of 256 terms: 400 pixels, 4 x 72 in the transformer; of 320 in a convolution: 3 x 3 x 36. Sums down
// columns in chunks of 16,384 / columns rows: 40 rows of 512. The gradient of a convolution in slices of four blocks of at
// most 256 outputs: 20 of 20 x 20.
const sizes: Sizes = {
  batch: 40,
  hidden: [512, 300],
  channels: [36, 34],
  dense: 40,
  side: 20,
  positions: 20,
  width: 72,
};
const initial = { target: lockstep.currentTarget(), threads: lockstep.threads() };

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');
if (typeof collectGarbage !== 'function') throw new Error('this Node has no gc()');

afterEach(() => {
  lockstep.useTarget(initial.target);
  lockstep.useThreads(initial.threads);
});

function start(name: NetworkName, size: Sizes) {
  const network = networks[name](size);
  nn.manualSeed(1);
  const model = network.model(nn);
  const step = stepOf({ lockstep, nn }, network.optimizer, model);
  const batches = [1, 2].map((seed) => network.examples(nn, seed));
  return { model, take: (number: number) => step(batches[number % batches.length]) };
}

describe.each(networkNames)('%s', (name) => {
  it('ends with the same weights on every native target with 1, 2 and 3 threads', () => {
    const native = lockstep.targets().filter((target) => target !== 'typescript');
    const hashes = native.flatMap((target) =>
      [1, 2, 3].map((count) => {
        lockstep.useTarget(target);
        lockstep.useThreads(count);
        const { model, take } = start(name, sizes);
        for (let number = 0; number < 3; number++) take(number);
        return { where: `${target}, ${count} threads`, hash: weightsHash(model.parameters()) };
      }),
    );
    for (const { where, hash } of hashes) expect(hash, where).toBe(hashes[0]?.hash);
  });

  it('holds from step 20 to step 200 the same arrays', () => {
    const { take } = start(name, tiny);
    // What nobody holds any more does not count; a collection may leave to the next one what it has found.
    const held = () => {
      for (let i = 0; i < 3; i++) collectGarbage();
      return [pool.idleBytes, process.memoryUsage().arrayBuffers] as const;
    };
    let number = 0;
    for (; number < 20; number++) take(number);
    const allocations = pool.allocations;
    const [idle, bytes] = held();
    for (; number < 200; number++) take(number);
    // The loss keeps its one value, so each step takes one array of one element, and nothing else.
    expect(pool.allocations - allocations).toBe(180);
    expect(pool.idleBytes).toBe(idle);
    expect(held()[1] - bytes).toBeLessThan(2 ** 16);
  });
});
