// One training among several ranks, and in one process without any: the same bits.
import { describe, expect, it } from 'vitest';
import { SWATS } from '../../../src/index.js';
import * as nn from '../../../src/nn/index.js';
import type { DistributedOptions } from '../../../src/train/index.js';
import { networks } from '../../distributed/ranks/networks.mjs';
import { type Options, runRanks } from './run-ranks.js';

interface Among {
  readonly ranks: number;
  readonly distributed?: DistributedOptions;
  readonly options?: Partial<Options>;
}

// Buckets of a few parameters, and of one.
const small = { bucketBytes: 400 };
const shards = { ...small, shardOptimizer: true };
const background = { background: true };

const cases: { microBatches: number; batchSize: number; among: readonly Among[] }[] = [
  {
    ...{ microBatches: 3, batchSize: 12 },
    among: [
      { ranks: 2, distributed: shards, options: background },
      { ranks: 3, distributed: { bucketBytes: 1 }, options: background },
      { ranks: 8 },
    ],
  },
  {
    ...{ microBatches: 8, batchSize: 16 },
    among: [
      { ranks: 1, distributed: shards },
      { ranks: 2 },
      { ranks: 4, distributed: { shardOptimizer: true } },
      { ranks: 8, distributed: small },
    ],
  },
];

describe.each(Object.keys(networks))('%s', (network) => {
  it.each(cases)(
    'ends with the bits of one process, of $microBatches micro-batches a batch',
    async (test) => {
      const { microBatches, batchSize, among } = test;
      const options = { batchSize };
      const [alone] = await runRanks({ network, ranks: 1, microBatches, options: () => options });
      // It has become another optimizer meanwhile.
      if (alone.optimizer instanceof SWATS) expect(alone.optimizer.phase).toBe('sgd');
      for (const { ranks, distributed = {}, options: own } of among) {
        const all = await runRanks({
          ...{ network, ranks, microBatches, distributed },
          options: () => ({ ...options, ...own }),
        });
        for (const [rank, { bits }] of all.entries()) expect(bits, `${rank} of ${ranks}`).toBe(alone.bits);
      }
    },
  );
});

it('has each rank judge its part of the validation', async () => {
  const judged = [0, 0, 0, 0];
  const all = await runRanks({
    ...{ network: 'mlp', ranks: 4, microBatches: 4, distributed: {} },
    // 43 rows, 4 at once as in a micro-batch: 11 batches.
    options: (rank) => ({
      loss(output, target) {
        if (!output.requiresGrad) judged[rank]++;
        return nn.crossEntropy(output, target);
      },
    }),
  });
  expect(judged).toEqual([3, 3, 3, 2]);
  for (const { bits } of all) expect(bits).toBe(all[0].bits);
});
