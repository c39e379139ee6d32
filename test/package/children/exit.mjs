// The process ends while the pool and a worker are busy.
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { addon, parameter, path, step } from './adam.mjs';

const operands = parameter(400_000, 0);
if (!isMainThread) {
  parentPort.postMessage('started');
  const repeat = step(operands, true);
  for (;;) repeat();
}

addon.setThreads(3);
const worker = new Worker(new URL(import.meta.url), { argv: [path] });
worker.once('message', () => {
  step(operands);
  process.exit(7);
});
