// Five threads load the addon and train at the same time. Each must get what one thread alone gets.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { addon, path, train } from './adam.mjs';

const LENGTH = 200_000;
const STEPS = 50;
const WORKERS = 4;

if (!isMainThread) {
  parentPort.postMessage(train(LENGTH, workerData, STEPS));
} else {
  addon.setThreads(3);
  const results = Array.from(
    { length: WORKERS },
    (_, seed) =>
      new Promise((resolve, reject) => {
        const worker = new Worker(new URL(import.meta.url), { workerData: seed, argv: [path] });
        worker.on('message', resolve);
        worker.on('error', reject);
      }),
  );
  train(LENGTH, WORKERS, STEPS);
  const values = await Promise.all(results);
  addon.setThreads(1);
  const alone = values.map((_, seed) => train(LENGTH, seed, STEPS));
  const same = values.every((value, seed) => Buffer.compare(bytes(value), bytes(alone[seed])) === 0);
  console.log(same ? 'same' : 'different');
}

function bytes(array) {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}
