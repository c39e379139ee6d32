import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { learn } from './model.js';

if (isMainThread) {
  for (let round = 0; round < 8; round++) {
    const workers = [1, 2].map(() => new Worker(new URL(import.meta.url)));
    await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))));
    await sleep(3 * round);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  console.log('alive');
} else {
  learn(10_000).catch(() => {});
  parentPort?.postMessage('learning');
}
