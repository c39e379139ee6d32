// A worker writes to memory in which kernels look for places: whatever they find there, they stay within their arrays, and
// on an error nothing has changed. Started with the path of the addon and the seconds to spend on each kernel.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { addon, path } from './adam.mjs';

const GUARD = 4096;

if (!isMainThread) {
  const { array, place, right, wrong } = workerData;
  parentPort.postMessage('started');
  for (;;) {
    array[place] = wrong;
    array[place] = right;
  }
}

function shared(Type, length) {
  return new Type(new SharedArrayBuffer(length * Type.BYTES_PER_ELEMENT));
}

/** An output between guards. */
function guarded(length) {
  return new Float32Array(GUARD + length + GUARD).fill(0.5).subarray(GUARD, GUARD + length);
}

function isIntact(out) {
  const all = new Float32Array(out.buffer);
  return [all.subarray(0, GUARD), all.subarray(GUARD + out.length)].every((guard) =>
    guard.every((x) => x === 0.5),
  );
}

const rows = 20_000;
const columns = 16;
const indices = shared(Int32Array, rows);
const rowsOf = new Float32Array(rows * columns).fill(1);
const [one, many] = [guarded(rows), guarded(rows * columns)];
// Images of 4 x 4 pixels, windows of 2 x 2.
const pool = [4, 4, 2, 2, 2, 2, 2, 2, 1, 1, 0, 0, 1000, 4];
const positions = shared(Int32Array, 16_000);
const count = 4096;
const numbers = shared(Float32Array, count);
const found = new Int32Array(1);

const last = rows - 1;
const index = { array: indices, place: last, right: 0, wrong: 0x7fffffff };
const cases = [
  ['gatherRows', [rows, columns, rows, rowsOf, indices, many], index],
  ['scatterAddRows', [columns, rows, rows, rowsOf, indices, many], index],
  ['scatterRows', [columns, rows, rows, rowsOf, indices, many], index],
  ['scatterRows', [columns, rows, rows, rowsOf, indices, many], { ...index, wrong: rows + 100 }],
  ['crossEntropy', [rows, columns, 0, rowsOf, indices, one, many], { ...index, wrong: columns + 2000 }],
  [
    'maxPool2dBackward',
    [...pool, 0, positions, guarded(16_000), guarded(64_000)],
    { array: positions, place: 15_999, right: 0, wrong: 0x7fffffff },
  ],
  // The largest and the smallest number is there for a moment.
  ['argmax', [1, count, 1, numbers, found], { array: numbers, place: count - 1, right: 0, wrong: 1 }],
  ['argmin', [1, count, 1, numbers, found], { array: numbers, place: count - 1, right: 0, wrong: -1 }],
];

for (const [name, values, change] of cases) {
  change.array.fill(change.right);
  const worker = new Worker(new URL(import.meta.url), { workerData: change, argv: [path] });
  await new Promise((resolve) => worker.once('message', resolve));
  const outputs = values.filter((value) => value instanceof Float32Array && value.byteOffset === GUARD * 4);
  const outcomes = { done: 0, refused: 0 };
  const end = performance.now() + 1000 * Number(process.argv[3]);
  while (performance.now() < end) {
    const before = outputs.map((out) => out.slice());
    try {
      addon.kernels[name](...values);
      outcomes.done++;
    } catch (error) {
      if (!(error instanceof RangeError && /\[\d+\] must be in/.test(error.message))) throw error;
      outcomes.refused++;
      if (outputs.some((out, k) => out.some((x, i) => x !== before[k][i]))) {
        throw new Error(`${name} refused, and wrote to its arrays`);
      }
    }
    if (!outputs.every(isIntact)) throw new Error(`${name} wrote outside of its arrays`);
    if (!(found[0] >= 0 && found[0] < count)) throw new Error(`${name} found ${found[0]} among ${count}`);
  }
  await worker.terminate();
  if (outcomes.done === 0) throw new Error(`${name} was always refused`);
}
console.log(`${cases.length} kept their places`);
