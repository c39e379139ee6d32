// What `npm run check:distributed` starts under mpirun: four networks, trained by all ranks. Every rank must end with the same bits,
// and rank 0 prints a digest of all of them, which must be the same for every number of ranks and every library of MPI, and where
// ranks share the optimizer's state. With `--alone` it trains without `distributed`.
// With a folder it tells its process number when it begins, and keeps what every second step has learnt.
//   training.mjs [--alone] [--shards] [--folder=...] [--stop=step]
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { Adam, SGD, SWATS } from 'lockstep';
import * as dist from 'lockstep/distributed';
import * as nn from 'lockstep/nn';
import { fit } from 'lockstep/train';

const { values: flags } = parseArgs({
  options: {
    alone: { type: 'boolean', default: false },
    shards: { type: 'boolean', default: false },
    folder: { type: 'string' },
    stop: { type: 'string' },
  },
});

const ROWS = 83;

const networks = {
  mlp: {
    shape: [12],
    model: () => new nn.Sequential(new nn.Linear(12, 64), new nn.Tanh(), new nn.Linear(64, 4)),
    optimizer: (params) => new Adam(params, { lr: 0.01 }),
  },
  cnn: {
    shape: [8, 8, 1],
    model: () =>
      new nn.Sequential(
        new nn.Conv2d(1, 8, 3),
        new nn.BatchNorm2d(8),
        new nn.ReLU(),
        new nn.Dropout(0.2),
        new nn.Flatten(),
        new nn.Linear(288, 4),
      ),
    optimizer: (params) => new SGD(params, { lr: 0.05, momentum: 0.9 }),
  },
  transformer: {
    shape: [6, 16],
    model: () =>
      new nn.Sequential(
        new nn.TransformerEncoderLayer(16, 4, { dimFeedforward: 32, dropout: 0.1 }),
        new nn.Flatten(),
        new nn.Linear(96, 4),
      ),
    optimizer: (params) => new Adam(params, { lr: 0.01 }),
    options: { clipGradNorm: 0.5 },
  },
  swats: {
    shape: [12],
    model: () => {
      const layers = [32, 24, 16].flatMap((wide, i, all) => [
        new nn.Linear(all[i - 1] ?? 12, wide),
        new nn.Tanh(),
      ]);
      return new nn.Sequential(...layers, new nn.Linear(16, 4));
    },
    optimizer: (params) => new SWATS(params, { lr: 0.01, switchTolerance: 0.05 }),
  },
};

function examples(shape) {
  const size = shape.reduce((product, length) => product * length, 1);
  const x = Float32Array.from({ length: ROWS * size }, (_, i) => Math.sin(i * i));
  return { x: nn.tensor(x, [ROWS, ...shape]), y: Int32Array.from({ length: ROWS }, (_, i) => i % 4) };
}

async function train(name, { shape, model: modelOf, optimizer, options }) {
  // Other weights at every rank: those of the first one count.
  nn.manualSeed(dist.rank);
  const model = modelOf();
  const shares = { shardOptimizer: flags.shards, bucketBytes: 2048 };
  const { epochs } = await fit(model, examples(shape), {
    loss: nn.crossEntropy,
    optimizer: optimizer(model.parameters()),
    epochs: 3,
    batchSize: 24,
    microBatches: 12,
    metrics: { accuracy: nn.accuracy },
    ...(flags.alone ? {} : { distributed: shares }),
    ...options,
    ...(flags.folder === undefined
      ? {}
      : { checkpoint: { folder: `${flags.folder}/${name}`, every: { steps: 2 } }, resume: true }),
    ...(flags.stop === undefined ? {} : { afterStep: ({ step }) => step === Number(flags.stop) && 'stop' }),
  });
  const digest = createHash('sha256');
  for (const { value } of [...model.parameters(), ...model.buffers()]) {
    digest.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }
  const told = epochs.map(({ loss, metrics }) => ({ loss, metrics }));
  return digest.update(JSON.stringify(told)).digest();
}

await dist.init();
if (flags.folder !== undefined) console.log(`rank ${dist.rank} is process ${process.pid}`);
const all = createHash('sha256');
for (const [name, network] of Object.entries(networks)) {
  const digest = await train(name, network);
  const others = await dist.allGather(Int32Array.from(digest));
  for (const [i, byte] of others.entries()) assert.equal(byte, digest[i % digest.length], name);
  all.update(digest);
}
if (dist.rank === 0) console.log(`digest ${dist.size} ${all.digest('hex')}`);
await dist.close();
