// Workers are terminated in the middle of their calls, at a different moment each. The process and its pool live on.
import { setTimeout } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { addon, parameter, path, step, train } from './adam.mjs';

const ROUNDS = 15;

if (!isMainThread) {
  const operands = parameter(400_000, 0);
  const work = {
    step: () => step(operands),
    keep: () => step(operands, true)(),
    repeat: step(operands, true),
    list: () => [addon.listTargets(), addon.listRules(), addon.getTarget()],
    throw: () => {
      try {
        addon.kernels.step([{}]);
      } catch {}
    },
  }[workerData];
  parentPort.postMessage('started');
  for (;;) work();
}

addon.setThreads(3);
for (let round = 0; round < ROUNDS; round++) {
  const kind = ['step', 'keep', 'repeat', 'list', 'throw'][round % 5];
  const worker = new Worker(new URL(import.meta.url), { workerData: kind, argv: [path] });
  await new Promise((resolve) => worker.once('message', resolve));
  await setTimeout(5 * round);
  await worker.terminate();
}
train(200_000, 1, 3);
console.log('alive');
