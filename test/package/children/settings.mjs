// The settings of a process, as worker threads that import the package find them and leave them.
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { currentTarget, targets, threads, useTarget, useThreads } from '../../../src/index.js';

function settings() {
  return `${threads()} ${currentTarget()}`;
}

/** The settings in a worker with these environment variables, then those here. */
async function importInWorker(variables) {
  const worker = new Worker(new URL(import.meta.url), { env: { ...process.env, ...variables } });
  const theirs = await new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject));
  await worker.terminate();
  console.log(`${JSON.stringify(variables)}: ${theirs}, ${settings()}`);
}

if (!isMainThread) {
  parentPort.postMessage(settings());
} else {
  console.log(threads());
  useThreads(1);
  useTarget('scalar');
  await importInWorker({ LOCKSTEP_TARGET: '' });
  await importInWorker({ LOCKSTEP_THREADS: '3', LOCKSTEP_TARGET: targets()[0] });
  await importInWorker({ LOCKSTEP_TARGET: 'typescript' });
}
