import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { latest, load } from '../../src/checkpoint/index.js';
import { tryMutations } from './mutations.js';

// `npm run check:checkpoints`: kill -9 at 200 random moments of repeated saves, and 100,000 files that something has happened to.

const KILLS = 200;
const MUTATIONS = 100_000;

/** Kills a process that saves, some time after its first file. @returns the last step that it said was saved. */
function killOnce(folder: string, first: number): Promise<number> {
  return new Promise((resolve) => {
    const saver = fork(fileURLToPath(new URL('saver.ts', import.meta.url)), [folder, String(first)]);
    let last = first - 1;
    saver.on('message', (step) => {
      if (last < first) setTimeout(() => saver.kill('SIGKILL'), Math.random() * 150);
      last = Number(step);
    });
    saver.on('exit', () => resolve(last));
  });
}

const folder = mkdtempSync(join(tmpdir(), 'lockstep-killed-'));
let next = 0;
let newer = 0;
for (let kill = 0; kill < KILLS; kill++) {
  const saved = await killOnce(folder, next);
  const { path, skipped } = await latest(folder);
  if (path === null) throw new Error(`kill ${kill}: no checkpoint is whole`);
  const { step, value } = await load(path);
  if (typeof step !== 'number' || step < saved || !(value instanceof Float32Array)) {
    throw new Error(`kill ${kill}: ${path} has step ${String(step)}, but ${saved} was saved`);
  }
  if (value.some((element) => element !== step)) throw new Error(`kill ${kill}: ${path} is of two steps`);
  if (skipped.length > 0) throw new Error(`kill ${kill}: ${skipped[0].reason}`);
  if (step > saved) newer++;
  next = step + 1;
}
rmSync(folder, { recursive: true });
console.log(
  `${KILLS} kills: always a whole checkpoint, the last one or (${newer} times) the one that was being finished`,
);
const refused = await tryMutations(MUTATIONS, 7);
console.log(`${MUTATIONS} mutations: ${refused} refused, the others are what was written`);
