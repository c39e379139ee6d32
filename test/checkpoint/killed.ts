import { fork, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DataError, latest, load, save } from '../../src/checkpoint/index.js';
import { tryMutations } from './mutations.js';

// `npm run check:checkpoints`: a full disk, kill -9 at 200 random moments of repeated saves, and 100,000 files that something has happened to.

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

/** A disk of 2 MB is full: the error says so, and what was there is there. Needs the right to mount one. */
async function fillDisk(): Promise<string> {
  const disk = mkdtempSync(join(tmpdir(), 'lockstep-full-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]).status === 0;
  if (!mounted) return 'SKIPPED: a full disk, which this user may not mount';
  try {
    const path = join(disk, 'step-1.safetensors');
    await save(path, { value: Float32Array.of(3) });
    const messages: string[] = [];
    for (const length of [1 << 20, 10 << 20]) {
      const error: unknown = await save(path, { value: new Float32Array(length) }).catch((thrown) => thrown);
      const { value } = await load(path);
      const isKept = value instanceof Float32Array && value[0] === 3 && readdirSync(disk).length === 1;
      if (!isKept || !(error instanceof DataError)) throw new Error(`a full disk: ${String(error)}`);
      messages.push(error.message);
    }
    return `a full disk: ${messages.join('; ')}`;
  } finally {
    spawnSync('umount', [disk]);
    rmSync(disk, { recursive: true });
  }
}

console.log(await fillDisk());
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
