import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { learn } from './model.js';

// A worker takes no loader from the command line on Node.js 20.
const start = `import('tsx/esm/api').then(({ register }) => { register(); import('${import.meta.url}'); })`;

if (isMainThread) {
  for (let round = 0; round < 8; round++) {
    const workers = [1, 2].map(() => new Worker(start, { eval: true }));
    await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))));
    await sleep(3 * round);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  console.log('alive');
} else {
  learn(10_000).catch(() => {});
  parentPort?.postMessage('learning');
}
