// What `npm run check:distributed` starts under mpirun: networks, trained by all ranks. Every rank must end with the same bits,
// and rank 0 prints a digest of all of them, which must be the same for every number of ranks and every library of MPI, and where
// ranks share the optimizer's state. With `--alone` it trains without `distributed`.
// With a folder it tells its process number when it begins, and keeps what every second step has learnt.
//   training.mjs [--alone] [--shards] [--folder=...] [--stop=step]
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import * as dist from 'lockstep/distributed';
import * as nn from 'lockstep/nn';
import { fit } from 'lockstep/train';
import { examplesFor, networks } from './networks.mjs';

const { values: flags } = parseArgs({
  options: {
    alone: { type: 'boolean', default: false },
    shards: { type: 'boolean', default: false },
    folder: { type: 'string' },
    stop: { type: 'string' },
  },
});

async function train(name, { shape, model: modelOf, optimizer, options }) {
  // Other weights at every rank: those of the first one count.
  nn.manualSeed(dist.rank);
  const model = modelOf();
  const shares = { shardOptimizer: flags.shards, bucketBytes: 512 };
  const { epochs } = await fit(model, examplesFor(shape), {
    loss: nn.crossEntropy,
    optimizer: optimizer(model.parameters()),
    epochs: 6,
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
