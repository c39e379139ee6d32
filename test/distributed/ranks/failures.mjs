// What `npm run check:distributed` starts under mpirun: `failures.mjs <what>`, where one rank of four fails while the others wait for
// it, or a launch is not as it should be.
import { setTimeout as sleep } from 'node:timers/promises';
import * as dist from 'lockstep/distributed';

const TIMEOUT = 2;
const what = process.argv[2];

/** Behind this the operations that end all are begun. */
async function work() {
  for (let step = 0; step < 3; step++)
    await dist.allReduce(new Float32Array(5000).fill(dist.rank), { label: `step ${step}` });
}

/** Begins what rank 2 is not to take part in. */
async function meanwhile(fail) {
  await work();
  if (dist.rank === 2) await fail();
  await dist.allReduce(new Float32Array(5000), { label: 'bucket 7' });
  console.log('all went well');
}

const FAILURES = {
  async killed() {
    await meanwhile(() => process.kill(process.pid, 'SIGKILL'));
  },
  async stopped() {
    await meanwhile(() => process.kill(process.pid, 'SIGSTOP'));
  },
  /** The event loop is busy: the native thread has nothing to do. */
  async busy() {
    await meanwhile(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000));
  },
  async exits() {
    await meanwhile(() => process.exit(0));
  },
  async throws() {
    await meanwhile(() => {
      throw new Error('something else went wrong');
    });
  },
  /** While it is communicating itself. */
  async exitsMeanwhile() {
    await work();
    if (dist.rank !== 2) await sleep(60_000);
    setTimeout(() => process.exit(0), 200);
    await dist.allReduce(new Float32Array(5000));
  },
  async otherLength() {
    await work();
    await dist.allReduce(new Float32Array(dist.rank === 2 ? 4000 : 5000), { label: 'bucket 7' });
    await sleep(60_000);
  },
  /** By whoever started them, at the launcher. */
  async interrupted() {
    await work();
    if (dist.rank === 0) console.log('to be interrupted');
    if (dist.rank === 0) await sleep(60_000);
    await dist.barrier({ label: 'never' });
  },
  /** Nobody says close(): the processes end by themselves. */
  async forgotten() {
    await work();
    if (dist.rank === 0) console.log('all went well');
  },
};

if (what === 'late' && process.env.OMPI_COMM_WORLD_RANK !== '1' && process.env.PMI_RANK !== '1') {
  await dist.init({ timeout: TIMEOUT });
} else if (what === 'late') {
  await sleep(60_000);
} else if (what === 'stranger') {
  await dist
    .init({ library: process.argv[3], timeout: TIMEOUT })
    .catch((error) => console.log(String(error)));
} else {
  await dist.init({ timeout: TIMEOUT });
  const fail = FAILURES[what];
  if (fail === undefined) throw new Error(`there is no failure ${what}`);
  await fail();
}
