// `npm run bench:checkpoint`: saving and loading a checkpoint of 1 GB, a model and its Adam, beside `dd` with the same disk, by turns.
// What is loaded is there already, as in a run that goes back to its best step. dd writes as the
// checkpoint does, to the disk and not to the system's memory alone (conv=fsync), from memory that is there. Both read from the disk
// where this user may have the system forget what it holds of files, else what it still holds, which is said.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spread } from './statistics.js';

const lockstep = (entry: string) => import(new URL(`../dist/${entry}index.js`, import.meta.url).href);
const { load, save } = await lockstep('checkpoint/');
const nn = await lockstep('nn/');
const { Adam } = await lockstep('');

const BYTES = 1e9;
const ROUNDS = 5;
const PROMISE = 0.7;

/** Layers, of as many numbers as make a gigabyte with the two states that Adam has for each. */
const LAYERS = 8;
const WIDTH = Math.round(Math.sqrt(BYTES / 4 / 3 / LAYERS));
const layers = Array.from({ length: LAYERS }, () => new nn.Linear(WIDTH, WIDTH, { bias: false }));
const model = new nn.Sequential(...layers);
const optimizer = new Adam(model.parameters());
for (const { weight } of layers) nn.sum(weight).backward();
optimizer.step();
optimizer.zeroGrad();

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
  await save(own, { model, optimizer });
  dd(`if=${own}`, `of=${source}`);
  const rounds: number[][] = [];
  let isCold = true;
  for (let round = 0; round < ROUNDS; round++) {
    const times = [
      await seconds(() => save(own, { model, optimizer })),
      await seconds(() => dd(`if=${source}`, `of=${other}`, 'conv=fsync')),
    ];
    isCold = forget() && isCold;
    times.push(await seconds(() => load(own, { model, optimizer })));
    forget();
    times.push(await seconds(() => dd(`if=${source}`, 'of=/dev/null')));
    rounds.push(times);
    // dd is to write from memory.
    dd(`if=${source}`, 'of=/dev/null');
  }
  console.log(isCold ? 'files are read from the disk' : 'files are read from memory');
  for (const [i, name] of ['save', 'load'].entries()) {
    const speedOf = (place: number) => spread(rounds.map((times) => BYTES / 1e9 / times[place])).median;
    const ratio = spread(rounds.map((times) => times[2 * i + 1] / times[2 * i])).median;
    const verdict = ratio >= PROMISE ? 'PASS ' : 'SHORT';
    console.log(
      `${verdict} ${name}: ${speedOf(2 * i).toFixed(2)} GB/s, ${ratio.toFixed(2)} of dd, ${speedOf(2 * i + 1).toFixed(2)} GB/s (>= ${PROMISE})`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
