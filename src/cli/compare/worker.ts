// What runs in a thread of its own: it trains one network after the other, as it is told.
import { parentPort, workerData } from 'node:worker_threads';
import { currentTarget, useTarget } from '../../index.js';
import { UsageError } from '../errors.js';
import { reasonOf } from '../files.js';
import { type Answer, type Job, rowsOf, type WorkerData } from './pool.js';
import { train } from './train.js';

if (parentPort !== null) serve(workerData, (answer) => parentPort?.postMessage(answer));

function serve({ data, target }: WorkerData, post: (answer: Answer) => void): void {
  if (currentTarget() !== target) useTarget(target);
  const dataOf = rowsOf(data);
  parentPort?.on('message', async ({ task, rows }: Job) => {
    try {
      post({ run: await train(task, dataOf(rows), (standing) => post({ standing })) });
    } catch (error) {
      const stack = error instanceof Error ? error.stack : undefined;
      post({ problem: { message: reasonOf(error), stack, isUsage: error instanceof UsageError } });
    }
  });
}
