// What `npm run check:distributed` starts under mpirun: every operation on all ranks. Rank 0 prints a digest of all results, which
// must be the same for every number of ranks and every library of MPI.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import * as dist from 'lockstep/distributed';
import { tensor } from 'lockstep/nn';

const digest = createHash('sha256');

/** Numbers of which every order of additions has another sum. */
function leafOf(leaf, length, Type = Float32Array) {
  let state = 12345 + 7919 * leaf;
  return Type.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state / 2 ** 31) * 2 ** ((state >>> 8) % 12);
  });
}

function fold(arrays) {
  const sums = arrays.map((array) => array.slice());
  for (let width = 1; width < sums.length; width *= 2) {
    for (let to = 0; to + width < sums.length; to += 2 * width) {
      for (let i = 0; i < sums[to].length; i++) sums[to][i] += sums[to + width][i];
    }
  }
  return sums[0];
}

const { LeafPlan } = dist;

/** Parts of two lengths. */
function partitionOf(length) {
  return Array.from({ length: dist.size + 1 }, (_, rank) =>
    rank === dist.size
      ? length
      : Math.min(
          length,
          Math.floor((rank * length) / dist.size) + (rank % 2 ? Math.floor(length / (4 * dist.size)) : 0),
        ),
  );
}

/** Sums of leaves: what training does, so that the digest takes them. */
async function sums() {
  const world = dist.world();
  for (const [leaves, length, Type] of [
    [8, 1, Float64Array],
    [8, 100_003, Float32Array],
    [12, 1000, Float32Array],
    [3, 2000, Float64Array],
    [8, 300_000, Float32Array],
  ]) {
    const plan = new LeafPlan(leaves, dist.size);
    const own = () =>
      plan
        .nodes(dist.rank)
        .map(({ start, width }) =>
          fold(Array.from({ length: width }, (_, i) => leafOf(start + i, length, Type))),
        );
    const pieces = own();
    const whole = pieces[0] ?? new Type(length);
    const parts = new Type(length);
    const partition = partitionOf(length);
    await Promise.all([
      world.sum(plan, pieces, whole, 'sum'),
      world
        .sumParts(plan, own(), parts, partition, 'sumParts')
        .then(() => world.gatherParts(parts, partition, 'gatherParts')),
    ]);
    assert.ok(Buffer.compare(Buffer.from(whole.buffer), Buffer.from(parts.buffer)) === 0, 'parts of the sum');
    digest.update(new Uint8Array(whole.buffer));
  }
}

async function operations() {
  const { rank, size } = dist;
  const ranks = Array.from({ length: size }, (_, i) => i);
  for (const root of ranks) {
    const x = Float32Array.from({ length: 300_000 }, (_, i) => i * (rank + 1));
    assert.equal(await dist.broadcast(x, { root }), x);
    assert.ok(
      x.every((value, i) => value === i * (root + 1)),
      `broadcast of ${root}`,
    );
  }
  assert.deepEqual(
    [...(await dist.allGather(Int32Array.of(rank, 100 - rank)))],
    ranks.flatMap((r) => [r, 100 - r]),
  );
  const bytes = await dist.allGather(tensor([rank === 0, true], [2]));
  assert.deepEqual(
    bytes.toArray(),
    ranks.map((r) => [r === 0, true]),
  );

  const expected = fold(ranks.map((r) => leafOf(r, 999)));
  assert.deepEqual(await dist.allReduce(leafOf(rank, 999)), expected);
  const weights = tensor(leafOf(rank, 999), [333, 3], { requiresGrad: true });
  await dist.allReduce(weights);
  assert.deepEqual(weights.value, expected);
  assert.deepEqual(
    [...(await dist.allReduce(Int32Array.of(2 ** 30, rank)))],
    [(size * 2 ** 30) | 0, (size * (size - 1)) / 2],
  );
  assert.deepEqual(
    [...(await dist.allReduce(Float64Array.of(rank, 1 - rank), { op: 'max' }))],
    [size - 1, 1],
  );
  assert.deepEqual([...(await dist.allReduce(Uint8Array.of(rank, 7), { op: 'min' }))], [0, 7]);
  const nan = await dist.allReduce(Float32Array.of(rank === 1 ? Number.NaN : 1), { op: 'max' });
  assert.equal(Number.isNaN(nan[0]), size > 1);

  const rows = tensor(leafOf(rank, 6 * size), [2 * size, 3]);
  const own = await dist.reduceScatter(rows);
  assert.deepEqual(own.shape, [2, 3]);
  assert.deepEqual(own.value, fold(ranks.map((r) => leafOf(r, 6 * size))).slice(6 * rank, 6 * rank + 6));
  await dist.barrier();
  await dist.allReduce(new Float32Array(0));
}

async function counts() {
  const { size } = dist;
  const length = 24 * 20_000;
  const before = dist.traffic();
  await dist.allReduce(new Float32Array(length));
  const after = dist.traffic();
  for (const direction of ['sentBytes', 'receivedBytes']) {
    assert.equal(after[direction] - before[direction], (2 * 4 * length * (size - 1)) / size, direction);
  }
}

/** MPI takes signals that Node.js needs. */
function trap() {
  const code = Buffer.from(
    '0061736d0100000001060160017f017f030201000503010001070701036765740000' + '0a0901070020002802000b',
    'hex',
  );
  const { get } = new WebAssembly.Instance(new WebAssembly.Module(code)).exports;
  assert.throws(() => get(0x7fffffff), WebAssembly.RuntimeError);
}

async function refusals() {
  await assert.rejects(dist.init(), /init\(\) was called before/);
  await assert.rejects(dist.allReduce([1, 2]), /x must be a Float32Array/);
  await assert.rejects(dist.broadcast(new Float32Array(1), { root: dist.size }), /root must be a rank below/);
  const resizable = new Float32Array(new ArrayBuffer(8, { maxByteLength: 16 }));
  if (dist.size > 1) await assert.rejects(dist.allReduce(resizable), /must not be resizable/);
  if (dist.size > 1)
    await assert.rejects(dist.reduceScatter(new Float32Array(dist.size + 1)), /multiple of the/);
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
     import('lockstep/distributed').then((dist) => dist.init()).then(() => parentPort.postMessage('joined'), (error) => parentPort.postMessage(String(error)));`,
    { eval: true },
  );
  const answer = await new Promise((resolve) => worker.once('message', resolve));
  assert.match(answer, /init\(\) must be called on the main thread/);
  await worker.terminate();
}

await dist.init({ timeout: 60 });
await refusals();
await sums();
await operations();
await counts();
trap();
if (dist.rank === 0) console.log(`digest ${dist.size} ${digest.digest('hex')}`);
const places = await dist.allGather(Int32Array.of(dist.localRank));
assert.deepEqual(
  [...places],
  Array.from({ length: dist.size }, (_, i) => i),
);
await dist.close();
await assert.rejects(dist.barrier(), /close\(\) was called/);
await dist.close();
