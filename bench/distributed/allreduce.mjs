// Median milliseconds of an all-reduce over floats, for each length given, as allreduce.c prints them. Then how long the end of
// one is waited for that was begun 150 ms of computing before.
import { allReduce, barrier, close, init, rank, size, traffic } from 'lockstep/distributed';

const [repetitions, ...lengths] = process.argv.slice(2).map(Number);
const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];

await init();
for (const length of lengths) {
  const x = new Float32Array(length);
  const times = [];
  const before = traffic().sentBytes;
  for (let r = -2; r < repetitions; r++) {
    const start = await synchronised();
    await allReduce(x);
    if (r >= 0) times.push(performance.now() - start);
  }
  if (rank === 0) console.log(`${length} ${median(times).toFixed(4)}`);
  if (rank === 0)
    console.log(`bytes ${length} ${Math.floor((traffic().sentBytes - before) / (repetitions + 2))}`);
}
const waits = [];
const gradient = new Float32Array(6.5e6);
for (let r = 0; r < Math.min(repetitions, 10); r++) {
  const begun = await synchronised();
  const sum = allReduce(gradient);
  while (performance.now() - begun < 150);
  const start = performance.now();
  await sum;
  waits.push(performance.now() - start);
}
if (rank === 0) console.log(`wait ${size} ${median(waits).toFixed(3)}`);
await close();

/** When all have come. */
async function synchronised() {
  await barrier();
  return performance.now();
}
