// The networks that end in the same bits for every number of ranks, and how they are trained.
import { createHash } from 'node:crypto';
import type { Communicator } from '../../../src/distributed/communicator.js';
import * as lockstep from '../../../src/index.js';
import * as nn from '../../../src/nn/index.js';
import { fitAmong } from '../../../src/train/fit.js';
import type * as train from '../../../src/train/index.js';
import { loopback } from '../../distributed/loopback.js';

export type Options = train.FitOptions<Int32Array>;
type Optimizer = Options['optimizer'] & { stateDict(): unknown };

/** The last batch of an epoch has 11 rows. */
const ROWS = 43;

interface Network {
  readonly shape: readonly number[];
  readonly model: () => nn.Module;
  readonly optimizer: (params: nn.Tensor[]) => Optimizer;
  readonly options?: Partial<Options>;
}

/** Has a layer, used twice, that some micro-batches leave out: its parameters have no gradient before the first one that does not. */
class Sometimes extends nn.Module {
  readonly inner = new nn.Linear(8, 8);
  forward(x: nn.Tensor): nn.Tensor {
    const [first] = x.value;
    return this.training && first < 0 ? x : nn.add(x, this.inner.forward(nn.tanh(this.inner.forward(x))));
  }
}

const adam = (params: nn.Tensor[]) => new lockstep.Adam(params, { lr: 0.02, weightDecay: 0.01 });

export const networks: Readonly<Record<string, Network>> = {
  mlp: {
    shape: [3],
    model: () => new nn.Sequential(new nn.Linear(3, 8), new Sometimes(), new nn.Tanh(), new nn.Linear(8, 2)),
    optimizer: adam,
  },
  cnn: {
    shape: [6, 6, 1],
    model: () =>
      new nn.Sequential(
        new nn.Conv2d(1, 4, 3),
        new nn.BatchNorm2d(4),
        new nn.ReLU(),
        new nn.Dropout(0.2),
        new nn.Flatten(),
        new nn.Linear(64, 2),
      ),
    optimizer: (params) => new lockstep.SGD(params, { lr: 0.05, momentum: 0.9 }),
  },
  transformer: {
    shape: [4, 8],
    model: () =>
      new nn.Sequential(
        new nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 16, dropout: 0.1 }),
        new nn.Flatten(),
        new nn.Linear(32, 2),
      ),
    optimizer: (params) => new lockstep.AdamW(params, { lr: 0.02 }),
    options: { clipGradNorm: 0.5 },
  },
  words: {
    shape: [3],
    model: () => new Words(),
    optimizer: (params) => new lockstep.Adagrad(params, { lr: 0.1 }),
    options: { clipGradNorm: 0.3 },
  },
  swats: {
    shape: [3],
    model: () => new nn.Sequential(new nn.Linear(3, 8), new nn.Tanh(), new nn.Linear(8, 2)),
    optimizer: (params) => new lockstep.SWATS(params, { lr: 0.02, switchTolerance: 10 }),
  },
};

/** Tables of which micro-batches use a few rows, now of the one, now of the other. */
class Words extends nn.Module {
  readonly tables = [new nn.Embedding(6, 4, { sparse: true }), new nn.Embedding(6, 4, { sparse: true })];
  readonly output = new nn.Linear(4, 2);
  forward(x: nn.Tensor): nn.Tensor {
    const words = Int32Array.from({ length: x.shape[0] }, (_, row) => Math.abs(6 * x.value[3 * row]) % 6);
    const [first] = x.value;
    return this.output.forward(this.tables[first < 0 ? 0 : 1].forward(words));
  }
}

export function examplesFor(shape: readonly number[]): train.Examples<Int32Array> {
  const size = shape.reduce((product, length) => product * length, 1);
  const x = nn.tensor(
    Float32Array.from({ length: ROWS * size }, (_, i) => Math.sin(i * i)),
    [ROWS, ...shape],
  );
  return { x, y: Int32Array.from({ length: ROWS }, (_, i) => i % 2) };
}

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
