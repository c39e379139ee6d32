// `npm run bench:checkpoint`: saving and loading a checkpoint of 1 GB, a model and its Adam, beside `dd` with the same disk, by turns.
// What is loaded is there already, as in a run that goes back to its best step. dd writes as the checkpoint does, to the disk and
// not to the system's memory alone (conv=fsync), from memory that is there, through the system's memory and past it (oflag=direct):
// the faster one of these is what is promised of, for both. Loading is also compared with a dd that reads the same file: cold, where
// this user may have the system forget what it holds of files (a disk, or a host, may still hold it), and warm, from the system's memory.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { spread } from './statistics.js';

const lockstep = (entry: string) => import(new URL(`../dist/${entry}index.js`, import.meta.url).href);
const { load, save } = await lockstep('checkpoint/');
const nn = await lockstep('nn/');
const { Adam } = await lockstep('');

const BYTES = 1e9;
const ROUNDS = 5;
const PROMISE = 0.7;
/** What the promise is about. */
const WRITES = 'a dd that writes';

/** Starts dd, and is there before the model: a process that is forked has the pages of its parent copied when they are next written to. */
const shell = spawn('sh', [], { stdio: ['pipe', 'pipe', 'inherit'] });
const answers = createInterface({ input: shell.stdout })[Symbol.asyncIterator]();

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

async function dd(...words: string[]): Promise<void> {
  shell.stdin.write(`dd ${words.map((word) => `'${word}'`).join(' ')} bs=4M 2>/dev/null; echo $?\n`);
  const { value } = await answers.next();
  if (value !== '0') throw new Error(`dd ${words.join(' ')}: ${value ?? 'no answer'}`);
}

/** In seconds. */
interface Round {
  /** Reading what is there, and copying it first. */
  readonly save: number;
  readonly copied: number;
  /** Of the latter, until training may go on. */
  readonly held: number;
  readonly written: number;
  readonly writtenDirectly: number;
  readonly cold: Reading | null;
  readonly warm: Reading;
}

interface Reading {
  readonly load: number;
  readonly dd: number;
}

const folder = mkdtempSync(join(process.argv[2] ?? process.cwd(), '.bench-checkpoint-'));
const [own, source, other] = ['own.safetensors', 'source', 'other'].map((name) => join(folder, name));

async function read(prepare: () => unknown): Promise<Reading> {
  await prepare();
  const loading = await seconds(() => load(own, { model, optimizer }));
  await prepare();
  return { load: loading, dd: await seconds(() => dd(`if=${own}`, 'of=/dev/null')) };
}

async function measure(): Promise<Round> {
  // Read now, so that dd writes from memory.
  await dd(`if=${source}`, 'of=/dev/null');
  const saving = await seconds(() => save(own, { model, optimizer }, { copy: false }));
  let held = 0;
  const copied = await seconds(async () => {
    let promise: Promise<void> | null = null;
    held = await seconds(() => {
      promise = save(own, { model, optimizer });
    });
    await promise;
  });
  const written = await seconds(() => dd(`if=${source}`, `of=${other}`, 'conv=fsync'));
  const writtenDirectly = await seconds(() =>
    dd(`if=${source}`, `of=${other}`, 'conv=fsync', 'oflag=direct'),
  );
  const cold = forget() ? await read(forget) : null;
  return {
    save: saving,
    copied,
    held,
    written,
    writtenDirectly,
    cold,
    warm: await read(() => dd(`if=${own}`, 'of=/dev/null')),
  };
}

/** In GB/s. */
function speedOf(times: readonly number[]): string {
  return spread(times.map((time) => BYTES / 1e9 / time)).median.toFixed(2);
}

function report(name: string, times: readonly number[], beside: string, theirs: readonly number[]): string {
  const ratio = spread(theirs.map((time, i) => time / times[i])).median;
  const verdict = beside === WRITES ? (ratio >= PROMISE ? 'PASS ' : 'SHORT') : '     ';
  const bar = beside === WRITES ? ` (>= ${PROMISE})` : '';
  return `${verdict} ${name}: ${speedOf(times)} GB/s, ${ratio.toFixed(2)} of ${beside}, ${speedOf(theirs)} GB/s${bar}`;
}

try {
  await save(own, { model, optimizer });
  await dd(`if=${own}`, `of=${source}`, 'conv=fsync');
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await measure());
  const through = rounds.map((round) => round.written);
  const directly = rounds.map((round) => round.writtenDirectly);
  const written = spread(directly).median < spread(through).median ? directly : through;
  console.log(`      dd conv=fsync: ${speedOf(through)} GB/s; with oflag=direct: ${speedOf(directly)} GB/s`);
  const saves = (kind: 'save' | 'copied') => rounds.map((round) => round[kind]);
  console.log(report('save, copy: false', saves('save'), WRITES, written));
  console.log(report('save', saves('copied'), WRITES, written));
  const held = spread(rounds.map((round) => round.held)).median;
  console.log(`      of which training waits ${held.toFixed(2)} s for the copy`);
  for (const kind of ['cold', 'warm'] as const) {
    const readings = rounds.flatMap((round) => round[kind] ?? []);
    if (readings.length < ROUNDS) {
      console.log(`      load, ${kind}: not measured, for this user may not have the system forget files`);
      continue;
    }
    const loads = readings.map((reading) => reading.load);
    console.log(report(`load, ${kind}`, loads, WRITES, written));
    console.log(
      report(
        `load, ${kind}`,
        loads,
        'a dd that reads',
        readings.map(({ dd }) => dd),
      ),
    );
  }
} finally {
  shell.stdin.end();
  rmSync(folder, { recursive: true });
}
