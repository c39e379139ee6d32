import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dryRun } from '../../src/cli/compare/dry-run.js';
import { compareFlags } from '../../src/cli/compare/flags.js';
import { compareOptions } from '../../src/cli/compare/options.js';
import { planStudy } from '../../src/cli/compare/plan.js';
import { createProgress } from '../../src/cli/compare/progress.js';
import { taskOf } from '../../src/cli/compare/request.js';
import { runStudy } from '../../src/cli/compare/run-study.js';
import type { StudyRun } from '../../src/cli/compare/study.js';
import { parseFlags } from '../../src/cli/flags.js';
import { threads } from '../../src/index.js';
import { runCli, temporaryFolder, watchCli } from './run-cli.js';

function options(...args: string[]) {
  const flags = parseFlags(compareFlags, ['--data', 'spirals', ...args]);
  if (flags === 'help') throw new Error('asked for help');
  return compareOptions(flags);
}

const silent = () => createProgress(process.stderr, true, 'accuracy');

/** Runs, with what is said of those that were there already. */
async function studied(...args: string[]) {
  const notes: string[] = [];
  const asked = options(...args);
  const progress = { ...silent(), note: (text: string) => void notes.push(text) };
  const { runs, trials } = await runStudy(await planStudy(asked), asked, progress);
  return { runs, trials, notes };
}

/** What does not depend on how long things took. */
const timeless = ({ seconds: _, samplesPerSecond: __, secondsToGoal: ___, ...run }: StudyRun) => run;

/** The built command with a module of a user, who finds the package as it is installed. */
function withModel(name: string, text: string, ...args: string[]) {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'node_modules'));
  const root = join(import.meta.dirname, '../..');
  symlinkSync(root, join(cwd, 'node_modules', 'lockstep'));
  writeFileSync(join(cwd, name), text);
  const all = ['compare', '--data', 'spirals', '--model', join(cwd, name), '--epochs', '1', '--seeds', '1'];
  return spawnSync(process.execPath, [join(root, 'dist/cli/main.js'), ...all, ...args], {
    cwd,
    encoding: 'utf8',
  });
}

const small = ['--epochs', '1', '--seeds', '2', '--optimizers', 'sgd,adam'];

describe('a study', () => {
  it('has the same bits in threads as one run after the other, in the same order', async () => {
    const [one, two] = [
      await studied(...small, '--jobs', '1', '--store', temporaryFolder()),
      await studied(...small, '--jobs', '2', '--store', temporaryFolder()),
    ];
    expect(one.runs.map(timeless)).toEqual(two.runs.map(timeless));
    expect(one.runs.map(({ configuration, seed }) => [configuration, seed])).toEqual([
      ['sgd', 0],
      ['sgd', 1],
      ['adam', 0],
      ['adam', 1],
    ]);
  });

  it('trains nothing again, and what is new where there is more', async () => {
    const store = ['--jobs', '1', '--store', temporaryFolder()];
    const first = await studied(...small, ...store);
    const again = await studied(...small, ...store);
    // With the times of then.
    expect(again.runs).toEqual(first.runs);
    expect(first.notes).toEqual([]);
    expect(again.notes).toEqual([expect.stringMatching(/^4 of 4 runs are there already, in /)]);
    const more = await studied(...small.slice(0, 4), '--optimizers', 'sgd,adam,lion', ...store);
    expect(more.notes).toEqual([expect.stringMatching(/^4 of 6 runs are there already, in /)]);
    expect(more.runs.slice(0, 4)).toEqual(first.runs);
  });

  it('ends with the error of a run, in a thread or not, and of a thread that is gone', async () => {
    // Two rows are tried before; more are too many for it.
    const throws = `import { Linear } from 'lockstep/nn';
export default ({ columns, classes, generator }) => {
  const model = new Linear(columns, classes, { generator });
  const forward = model.forward;
  model.forward = (x) => { if (x.shape[0] > 2) throw new Error('too many'); return forward.call(model, x); };
  return model;
};`;
    const exits = throws.replace("throw new Error('too many')", 'process.exit(3)');
    for (const [jobs, text, message] of [
      ['1', throws, /Error: too many\n/],
      ['2', throws, /Error: (SGD|Adam), seed 0: too many\n/],
      ['2', exits, /Error: (SGD|Adam), seed 0: its thread ended with code 3\n/],
    ] as const) {
      const { status, stderr } = withModel('model.mjs', text, '--optimizers', 'sgd,adam', '--jobs', jobs);
      expect([status, stderr]).toEqual([1, expect.stringMatching(message)]);
    }
  });

  it('takes a module in TypeScript where Node.js reads it, and says what to do where it does not', () => {
    const text = `import { Linear, type Generator } from 'lockstep/nn';
type Asked = { columns: number; classes: number; generator: Generator };
export default ({ columns, classes, generator }: Asked) => new Linear(columns, classes, { generator });`;
    const { status, stderr } = withModel('model.ts', text, '--optimizers', 'sgd');
    if (status !== 0) {
      expect(stderr).toMatch(
        /^lockstep: the network ".*model\.ts": .*; Node\.js \S+ reads no TypeScript: take 22\.18 or later, or set NODE_OPTIONS="--import tsx"/,
      );
    }
  });

  it('goes on where it was killed, and ends in the same runs', async () => {
    const cwd = temporaryFolder();
    const args = [
      'compare',
      '--data',
      'spirals',
      '--epochs',
      '3',
      '--seeds',
      '3',
      '--jobs',
      '1',
      '--optimizers',
      'sgd,adam,lion',
    ];
    const store = join(cwd, '.lockstep', 'runs');
    const killed = await watchCli(
      args,
      (child) => {
        const timer = setInterval(() => {
          if (!existsSync(store) || readdirSync(store).length < 2) return;
          clearInterval(timer);
          child.kill('SIGKILL');
        }, 1);
      },
      cwd,
    );
    expect(killed.status).toBeNull();
    const done = readdirSync(store).filter((name) => name.endsWith('.json'));
    expect(done.length).toBeGreaterThan(0);
    const kept = done.map((name) => statSync(join(store, name)).mtimeMs);
    const { status, stderr } = runCli([...args, '--json', 'a.json'], { cwd });
    expect(status).toBe(0);
    expect(stderr).toMatch(/\n[1-9] of 9 runs are there already, in \.lockstep\/runs\n/);
    expect(done.map((name) => statSync(join(store, name)).mtimeMs)).toEqual(kept);
    expect(readdirSync(store)).toHaveLength(9);
    const other = await studied(...args.slice(3), '--store', temporaryFolder());
    const { runs } = JSON.parse(readFileSync(join(cwd, 'a.json'), 'utf8'));
    expect(runs.map(timeless)).toEqual(other.runs.map(timeless));
  });

  it('says where it can go on when it is interrupted', async () => {
    const cwd = temporaryFolder();
    const { status, stderr } = await watchCli(
      ['compare', '--data', 'spirals', '--epochs', '400'],
      (child) => child.stderr.once('data', () => setTimeout(() => child.kill('SIGINT'), 100)),
      cwd,
    );
    expect(status).toBe(130);
    expect(stderr).toMatch(
      /stopped; what is done is in \.lockstep\/runs, and the same command goes on from there\n$/,
    );
    expect(readFileSync(join(cwd, '.lockstep/.gitignore'), 'utf8')).toBe('*\n');
  });
});

describe('a search for rates', () => {
  it('gives every optimizer as many trials of the same length, and the study their best rates', async () => {
    const search = [
      '--tune',
      '5',
      '--epochs',
      '2',
      '--seeds',
      '1',
      '--jobs',
      '1',
      '--store',
      temporaryFolder(),
    ];
    const { trials, runs } = await studied('--optimizers', 'sgd,adam,momentum-large', ...search);
    // The optimizer of momentum-large has a rate of its own.
    expect(new Set(trials.map(({ optimizer }) => optimizer))).toEqual(new Set(['sgd', 'adam']));
    for (const id of ['sgd', 'adam']) {
      const own = trials.filter(({ optimizer }) => optimizer === id);
      expect(own.map(({ budget }) => budget)).toEqual([21, 21, 21, 21, 21, 42, 42, 42, 84, 84]);
      const last = own.slice(-2);
      const best = last.reduce((a, b) => ((b.validationLoss ?? 9) < (a.validationLoss ?? 9) ? b : a));
      const run = runs.find(({ configuration }) => configuration === id);
      expect(run?.learningRates[0]).toBe(best.lr);
    }
    expect(runs[2].learningRates[0]).toBe(1);
    const again = await studied('--optimizers', 'sgd,adam,momentum-large', ...search);
    expect(again.trials).toEqual(trials);
    expect(again.notes).toHaveLength(4);
  });
});

describe('a dry run', () => {
  it('tells what would be run, how long it takes, and what is done already, and writes nothing', async () => {
    const folder = join(temporaryFolder(), 'runs');
    const asked = options(...small, '--vary', 'norm=none,layer', '--tune', '4', '--store', folder);
    const plan = await planStudy(asked);
    const before = threads();
    const text = await dryRun(plan, asked);
    expect(text).toMatch(/\nBase +0\.2 +50 +≈ [\d.]+ s +2\n/);
    expect(text).toMatch(
      /\n12 trials to choose rates: about [\d.]+ s at most\. 6 runs: about [\d.]+ s, \d+ at a time\.\n$/,
    );
    expect(threads()).toBe(before);
    expect(existsSync(folder)).toBe(false);
    await runStudy(plan, { ...asked, tune: null }, silent());
    expect(await dryRun(plan, { ...asked, tune: null })).toContain(
      '\n6 runs, of which 6 are done already: about 0.0 s',
    );
  });
});

describe('a task', () => {
  it('is of the data that it is about', async () => {
    const plan = await planStudy(options(...small));
    const [{ id, name, settings }] = plan.configurations;
    const request = { id, name, settings, seed: 0 };
    const task = taskOf(request, plan, plan.data);
    expect(task.hash).toMatch(/^[0-9a-f]{32}$/);
    expect(taskOf(request, plan, { ...plan.data, hash: 'x' }).hash).not.toBe(task.hash);
  });
});
