// `npm run bench:checkpoint`: saving and loading a checkpoint of 1 GB, beside `dd` with the same disk, by turns. dd writes as the
// checkpoint does, to the disk and not to the system's memory alone (conv=fsync), from memory that is there. Both read from the disk
// where this user may have the system forget what it holds of files, else what it still holds, which is said.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spread } from './statistics.js';

const { load, save } = await import(new URL('../dist/checkpoint/index.js', import.meta.url).href);

const BYTES = 1e9;
const ROUNDS = 5;
const PROMISE = 0.7;

/** Sixteen tensors, as a model and an optimizer's states have several. */
const TENSORS = 16;
const model = {
  tensors: Object.fromEntries(
    Array.from({ length: TENSORS }, (_, i) => [
      `weight${i}`,
      new Float32Array(BYTES / 4 / TENSORS).fill(i + 0.1),
    ]),
  ),
  stateDict() {
    return Object.fromEntries(Object.entries(this.tensors).map(([name, value]) => [name, value.slice()]));
  },
  loadStateDict(state: Record<string, Float32Array>) {
    for (const [name, value] of Object.entries(this.tensors)) value.set(state[name]);
  },
};

async function seconds(run: () => unknown): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}

/** Has the system forget what it holds of files. @returns whether it may be asked to */
function forget(): boolean {
  try {
    writeFileSync('/proc/sys/vm/drop_caches', '1');
    return true;
  } catch {
    return false;
  }
}

function dd(...words: string[]): void {
  const { status, stderr } = spawnSync('dd', [...words, 'bs=4M'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

const folder = mkdtempSync(join(process.argv[2] ?? process.cwd(), '.bench-checkpoint-'));
const [own, source, other] = ['own.safetensors', 'source', 'other'].map((name) => join(folder, name));
try {
  await save(own, { model });
  dd(`if=${own}`, `of=${source}`);
  const rounds: number[][] = [];
  let isCold = true;
  for (let round = 0; round < ROUNDS; round++) {
    const times = [
      await seconds(() => save(own, { model })),
      await seconds(() => dd(`if=${source}`, `of=${other}`, 'conv=fsync')),
    ];
    isCold = forget() && isCold;
    times.push(await seconds(() => load(own, { model })));
    forget();
    times.push(await seconds(() => dd(`if=${source}`, 'of=/dev/null')));
    rounds.push(times);
    // dd is to write from memory.
    dd(`if=${source}`, 'of=/dev/null');
  }
  console.log(isCold ? 'files are read from the disk' : 'files are read from memory');
  for (const [i, name] of ['save', 'load'].entries()) {
    const speeds = rounds.map((times) => BYTES / 1e9 / times[2 * i]);
    const ratio = spread(rounds.map((times) => times[2 * i + 1] / times[2 * i])).median;
    const verdict = ratio >= PROMISE ? 'PASS ' : 'SHORT';
    console.log(
      `${verdict} ${name}: ${spread(speeds).median.toFixed(2)} GB/s, ${ratio.toFixed(2)} of dd (>= ${PROMISE})`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
