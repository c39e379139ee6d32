import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashOf, RunStore } from '../../src/cli/compare/store.js';
import { temporaryFolder } from './run-cli.js';
import { BASE, sampleRun } from './sample-study.js';

describe('the store', () => {
  const configuration = { id: 'a', name: 'A', settings: BASE };
  const run = { ...sampleRun(configuration, 0), hash: 'abc' };
  const task = {
    ...{ hash: 'abc', configuration: 'b', settings: BASE, seed: 0 },
    ...{ epochs: 1, limit: null, goal: 0.9 },
  };

  it('gives back what it was given, under the name that the configuration has by now', async () => {
    const told: string[] = [];
    const store = new RunStore(join(temporaryFolder(), 'runs'), (text) => told.push(text));
    expect(store.read(task)).toBeNull();
    expect(existsSync(store.folder)).toBe(false);
    store.prepare();
    await store.write(run);
    expect(store.read(task)).toEqual({ ...run, configuration: 'b' });
    expect(readdirSync(store.folder)).toEqual(['abc.json']);
    expect(told).toEqual([]);
  });

  it.each<[string, string]>([
    ['half of a run', JSON.stringify(run).slice(0, 200)],
    ['another run', JSON.stringify({ ...run, hash: 'abd' })],
    ['something else', '{"hash": "abc"}'],
    ['a run with a field too many', JSON.stringify({ ...run, more: 1 })],
  ])('takes %s for no run, and says so', (_, text) => {
    const told: string[] = [];
    const store = new RunStore(temporaryFolder(), (line) => told.push(line));
    writeFileSync(join(store.folder, 'abc.json'), text);
    expect(store.read(task)).toBeNull();
    expect(told).toEqual([expect.stringMatching(/abc\.json is no run, or another one: it is not used/)]);
  });

  it('throws away what a process that is gone had begun to write, and no one else’s', () => {
    const folder = temporaryFolder();
    // No process has this number.
    const [gone, here] = ['a.json.4194399.0.tmp', `b.json.${process.pid}.0.tmp`];
    for (const name of [gone, here]) writeFileSync(join(folder, name), '');
    new RunStore(folder).prepare();
    expect(readdirSync(folder)).toEqual([here]);
  });

  it('is refused where it cannot be', () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, '');
    expect(() => new RunStore(path).prepare()).toThrow(/^--store ".*file": cannot be used: EEXIST/);
  });

  it('has another place for whatever decides a run', () => {
    const hashes = [
      hashOf(task, 'd', false),
      hashOf(task, 'e', false),
      hashOf(task, 'd', true),
      ...[{ seed: 1 }, { epochs: 2 }, { limit: 3 }, { goal: 0.8 }].map((change) =>
        hashOf({ ...task, ...change }, 'd', false),
      ),
      ...Object.entries({
        ...{ network: 'cnn', depth: 9, width: 9, activation: 'tanh', init: 'xavier', norm: 'layer' as const },
        ...{ residual: true, optimizer: 'adam', lr: 9, warmup: 'gradual' as const, batch: 9 },
      }).map(([name, level]) => hashOf({ ...task, settings: { ...BASE, [name]: level } }, 'd', false)),
    ];
    expect(new Set(hashes).size).toBe(18);
    const backwards = Object.fromEntries(Object.entries(BASE).reverse());
    expect(hashOf({ ...task, settings: { ...BASE, ...backwards } }, 'd', false)).toBe(hashes[0]);
  });

  it('knows a module of the user’s by what is in it', () => {
    const path = join(temporaryFolder(), 'model.js');
    const hash = (text: string) => {
      writeFileSync(path, text);
      return hashOf({ ...task, settings: { ...BASE, network: path } }, 'd', false);
    };
    const [one, other] = [hash('export default 1;'), hash('export default 2;')];
    expect(one).not.toBe(other);
    expect(hash('export default 1;')).toBe(one);
  });

  it('knows it by what that imports as well, and they, in a circle too', () => {
    const folder = temporaryFolder();
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
    const hash = () =>
      hashOf({ ...task, settings: { ...BASE, network: join(folder, 'model.ts') } }, 'd', false);
    write('model.ts', "import { a } from './a.js';\nimport 'lockstep/nn';\nimport './none.js';");
    write('a.ts', "const b = await import('./b.mjs'); export const a = 1;");
    write('b.mjs', "import './model.ts';");
    const before = hash();
    expect(hash()).toBe(before);
    write('b.mjs', "import './model.ts'; // Another one.");
    const after = hash();
    expect(after).not.toBe(before);
    write('a.ts', 'export const a = 2;');
    expect(hash()).not.toBe(after);
  });
});
