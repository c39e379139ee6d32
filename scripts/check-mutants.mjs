// `npm run check:mutants -- src/train`: puts one small fault after the other into the files of a folder and runs the tests of
// the mirrored folder that reach the file. Prints the faults that no test noticed; some of them change nothing that could be
// noticed, so there is no number that must hold. Nothing is written: the fault is in the memory of the test runner alone.
// `--only fit.ts` is that file alone, `--sample 50` so many mutants at random, `--seed 7` others of them (default 1),
// `--list` prints the mutants without running anything.
import { fork } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { applyMutant, mutantsOf } from './mutants/operators.mjs';
import { root, seconds } from './shell.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    list: { type: 'boolean', default: false },
  },
});
const folders = positionals.length > 0 ? positionals : ['src/train'];

/** A mutant that takes so many times as long as the tests do without it, and this many milliseconds, never ends. */
const PATIENCE = { factor: 5, milliseconds: 10_000 };

const filesIn = (folder, ending) =>
  readdirSync(join(root, folder), { recursive: true })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(root, folder, name))
    .sort();

/** What a file imports by a relative path, at any distance. */
function reachedFrom(path, seen = new Set()) {
  if (seen.has(path) || !existsSync(path)) return seen;
  seen.add(path);
  for (const { fileName } of ts.preProcessFile(readFileSync(path, 'utf8')).importedFiles) {
    if (fileName.startsWith('.')) reachedFrom(resolve(dirname(path), fileName.replace(/\.js$/, '.ts')), seen);
  }
  return seen;
}

/** The tests of a folder of sources, each with the files it reaches. */
function testsOf(folder) {
  const mirror = relative('src', folder);
  return filesIn(join('test', mirror), '.test.ts').map((path) => ({ path, reaches: reachedFrom(path) }));
}

/** `count` of the items, the same ones for the same seed, in their order. */
function sample(items, count, seed) {
  let state = seed >>> 0;
  const random = () => {
    // A linear congruential generator (Numerical Recipes): choosing mutants asks for no more.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const chosen = new Set();
  while (chosen.size < Math.min(count, items.length)) chosen.add(Math.floor(random() * items.length));
  return items.filter((_, i) => chosen.has(i));
}

/** The process that runs tests, started anew after it had to be killed. */
class Runner {
  #child = null;

  async #start() {
    const path = join(root, 'scripts', 'mutants', 'runner.mjs');
    // A group of its own: killing it takes the test runner's workers along.
    this.#child = fork(path, { detached: true, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    await new Promise((resolve, reject) => {
      this.#child.once('message', resolve);
      this.#child.once('exit', () => reject(new Error(`${path} did not start`)));
    });
    this.#child.removeAllListeners();
  }

  /** @returns which test failed, null for none, and the times of all; or null where they did not end in time. */
  async run(job, limit) {
    if (this.#child === null) await this.#start();
    const child = this.#child;
    return new Promise((resolve) => {
      const end = (result) => {
        clearTimeout(timer);
        child.removeAllListeners();
        resolve(result);
      };
      const stop = () => {
        this.kill();
        end(null);
      };
      const timer = setTimeout(stop, limit);
      child.once('message', end);
      child.once('exit', stop);
      child.send(job);
    });
  }

  kill() {
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

const describeMutant = ({ path, line, from, to }) => {
  const short = (text) => {
    const flat = text.replaceAll(/\s+/g, ' ');
    return flat.length > 60 ? `${flat.slice(0, 59)}…` : flat;
  };
  return `${relative(root, path)}:${line}  ${short(from)}  ->  ${to === '' || to === ';' ? 'nothing' : short(to)}`;
};

async function checkFolder(folder, runner) {
  const files = filesIn(folder, '.ts').filter((path) => !options.only || path.endsWith(options.only));
  const all = files.flatMap((path) => mutantsOf(path, readFileSync(path, 'utf8')));
  const mutants = options.sample ? sample(all, Number(options.sample), Number(options.seed)) : all;
  if (options.list) {
    for (const mutant of mutants) console.log(describeMutant(mutant));
    console.log(`${folder}: ${mutants.length} mutants`);
    return;
  }
  const tests = testsOf(folder);
  const start = performance.now();
  // Without a mutant first: what fails by itself notices nothing, and the quickest are asked first.
  for (const test of tests) {
    const { failed, times } = (await runner.run({ path: '', text: '', tests: [test.path] }, 300_000)) ?? {};
    if (failed !== null) throw new Error(`${relative(root, test.path)} fails without any mutant`);
    test.time = times[0];
  }
  tests.sort((a, b) => a.time - b.time);
  const survivors = [];
  const killers = new Map();
  for (const [i, mutant] of mutants.entries()) {
    const reaching = tests.filter(({ reaches }) => reaches.has(mutant.path));
    const text = applyMutant(readFileSync(mutant.path, 'utf8'), mutant);
    const usual = reaching.reduce((sum, { time }) => sum + time, 0);
    const job = { path: mutant.path, text, tests: reaching.map(({ path }) => path) };
    const result = await runner.run(job, PATIENCE.milliseconds + PATIENCE.factor * usual);
    if (result?.failed === null) {
      survivors.push(mutant);
      console.log(`survived  ${describeMutant(mutant)}`);
    } else {
      const killer = result === null ? 'that they never ended' : relative(root, result.failed);
      killers.set(killer, (killers.get(killer) ?? 0) + 1);
    }
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${i + 1}/${mutants.length}\r`);
  }
  const noticed = mutants.length - survivors.length;
  console.log(
    `${folder}: ${mutants.length} of ${all.length} mutants, ${noticed} noticed, ${survivors.length} survived ` +
      `(${seconds(start)})`,
  );
  // A file that notices nearly all of them may do so because it fails now and then by itself.
  for (const [killer, count] of killers) console.log(`  ${count} noticed by ${killer}`);
}

const runner = new Runner();
process.on('exit', () => runner.kill());
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
for (const folder of folders) await checkFolder(folder, runner);
process.exit();
