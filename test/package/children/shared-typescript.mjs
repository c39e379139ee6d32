// A worker changes a number of a row after it has been checked: the functions of the package, without the addon, either
// refuse it or use the number that they have checked. Started with the seconds to spend on each.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { gatherRows, RowGradient, scatterAddRows, useTarget } from '../../../src/index.js';
import * as nn from '../../../src/nn/index.js';

if (!isMainThread) {
  parentPort.postMessage('started');
  for (;;) {
    workerData[workerData.length - 1] = 0x7fffffff;
    workerData[workerData.length - 1] = 0;
  }
}

useTarget('typescript');

const rows = 2000;
const indices = new Int32Array(new SharedArrayBuffer(4 * rows));
const ones = new Float32Array(rows).fill(1);
const table = nn.tensor(ones, [rows, 1]);

function total(array) {
  return array.reduce((sum, x) => sum + x, 0);
}

/** Each gives the number of rows where every one of them has gone to its place. */
const cases = {
  gatherRows: () => total(gatherRows(ones, indices, { columns: 1 })),
  scatterAddRows: () => total(scatterAddRows(ones, indices, { columns: 1, out: new Float32Array(rows) })),
  'nn.gatherRows': () => total(nn.gatherRows(table, indices).value),
  RowGradient: () => {
    const gradient = new RowGradient(rows, 1);
    gradient.add(indices, ones);
    return gradient.count === 1 ? total(gradient.values) : `rows ${gradient.rows}`;
  },
};

const worker = new Worker(new URL(import.meta.url), { workerData: indices });
await new Promise((resolve) => worker.once('message', resolve));
for (const [name, run] of Object.entries(cases)) {
  let done = 0;
  for (const end = performance.now() + 1000 * Number(process.argv[2]); performance.now() < end; ) {
    try {
      const result = run();
      if (result !== rows) throw new Error(`${name} gave ${result} instead of ${rows}`);
      done++;
    } catch (error) {
      if (!/^(indices|rows)\[1999\] must be /.test(error.message)) throw error;
    }
  }
  if (done === 0) throw new Error(`${name} was always refused`);
}
await worker.terminate();
console.log(`${Object.keys(cases).length} used what they checked`);
