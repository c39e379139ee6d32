// How ranks inside of one process train the networks that end in the same bits for every number of them.
import { createHash } from 'node:crypto';
import type { Communicator } from '../../../src/distributed/communicator.js';
import * as nn from '../../../src/nn/index.js';
import { fitAmong } from '../../../src/train/fit.js';
import type * as train from '../../../src/train/index.js';
import { loopback } from '../../distributed/loopback.js';
import { examplesFor, networks } from '../../distributed/ranks/networks.mjs';

export type Options = train.FitOptions<Int32Array>;
export interface Run {
  readonly network: string;
  readonly ranks: number;
  readonly microBatches: number;
  /** Null: without `distributed`. */
  readonly distributed?: Options['distributed'];
  readonly options?: (rank: number) => Partial<Options>;
}

/** What every rank ends with: the bits of weights and buffers, and what was reported. */
export async function runRanks({ network, ranks, microBatches, distributed, options }: Run) {
  const { shape, model: modelOf, optimizer: optimizerOf, options: own } = networks[network];
  const communicators: (Communicator | null)[] = distributed === undefined ? [null] : loopback(ranks);
  return Promise.all(
    communicators.map(async (communicator, rank) => {
      // Other weights at every rank: the first one's count.
      nn.manualSeed(rank);
      const model = modelOf();
      const optimizer = optimizerOf(model.parameters());
      const { epochs } = await fitAmong(communicator, model, examplesFor(shape), {
        loss: nn.crossEntropy,
        optimizer,
        epochs: 1,
        batchSize: 16,
        metrics: { accuracy: nn.accuracy },
        validation: examplesFor(shape),
        ...own,
        microBatches,
        ...(distributed === undefined ? {} : { distributed }),
        ...options?.(rank),
      });
      const told = epochs.map(({ loss, metrics, validation }) => ({ loss, metrics, validation }));
      return { model, optimizer, bits: bitsOf(model, told) };
    }),
  );
}

export function bitsOf(model: nn.Module, told: unknown): string {
  const hash = createHash('sha256');
  for (const { value } of [...model.parameters(), ...model.buffers()]) {
    hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }
  return hash.update(JSON.stringify(told)).digest('hex').slice(0, 16);
}
