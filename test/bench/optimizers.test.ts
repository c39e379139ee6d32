import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCommandLine } from '../../bench/command-line.js';
import { rows } from '../../bench/optimizers/rows.js';

const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
const file = join(directory, 'bench.json');

function bench(...args: string[]) {
  return spawnSync(process.execPath, ['--import', 'tsx', main, ...args], { encoding: 'utf8' });
}

interface Timing {
  name: string;
  threads: number;
  work: number;
  steps: number;
  perSecond: { median: number; low: number; high: number };
  rounds: (number | null)[];
}

interface Results {
  node: string;
  areas: {
    optimizers: {
      peers: Record<string, string>;
      acceptance: { text: string; verdict: string }[];
      cases: { name: string; timings: Timing[] }[];
    };
  };
}

let output = '';
let results: Results;

beforeAll(() => {
  const args = ['optimizers', '--quick', '--threads', '1,2', '--python', join(directory, 'no-python')];
  const run = bench(...args, '--json', file);
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
  output = run.stdout;
  results = JSON.parse(readFileSync(file, 'utf8'));
}, 120_000);

afterAll(() => rmSync(directory, { recursive: true }));

describe('bench optimizers --quick', () => {
  it('has one line of the table for every optimizer, size and number of threads', () => {
    const lines = output.split('\n');
    const rule = lines.findIndex((line) => /^─+$/.test(line));
    const names = ['2^10', '10 x 64'].flatMap((size) =>
      rows.flatMap(({ name }) => [1, 2].map((threads) => `${name} ${size} +${threads} `)),
    );
    const table = lines.slice(rule + 1, rule + 1 + names.length);
    for (const [i, name] of names.entries()) {
      expect(table[i]).toMatch(new RegExp(`^${name.replace('^', '\\^')}`));
      expect(table[i]).not.toMatch(/NaN|Infinity|undefined/);
    }
    expect(lines[rule + 1 + names.length]).toBe('');
  });

  it('names every peer with its version, and the absent one with the reason', () => {
    const { peers } = results.areas.optimizers;
    expect(peers['tfjs-cpu']).toMatch(/^\d+\.\d+\.\d+$/);
    expect(peers['tfjs-wasm']).toMatch(/^\d+\.\d+\.\d+$/);
    expect(peers.PyTorch).toMatch(/^absent: .*no-python/);
    for (const [name, version] of Object.entries(peers)) expect(output).toContain(`${name} ${version}`);
  });

  it('writes the figures of every contender as JSON', () => {
    expect(results.node).toBe(process.versions.node);
    const { cases, peers } = results.areas.optimizers;
    expect(cases).toHaveLength(2 * rows.length);
    for (const { name, timings } of cases) {
      const contenders = timings.map((timing) => `${timing.name} ${timing.threads}`);
      expect(new Set(contenders).size, name).toBe(contenders.length);
      expect(contenders).toContain('TypeScript 1');
      if (peers.lockstep !== 'typescript') expect(contenders).toContain('native 2');
      if (!peers['same-traffic loop'].startsWith('absent'))
        expect(contenders).toContain('same-traffic loop 2');
      const { tfjs } =
        rows.find((row) => /^ (2\^|10 x )/.test(name.slice(row.name.length)) && name.startsWith(row.name)) ??
        {};
      expect(contenders.includes('tfjs-wasm 1'), name).toBe(tfjs !== undefined);
      for (const { work, steps, perSecond, rounds } of timings) {
        expect(work).toBe(name.endsWith('10 x 64') ? 640 : 1024);
        expect(steps).toBeGreaterThanOrEqual(1);
        expect(perSecond.low).toBeGreaterThan(0);
        expect(perSecond.median).toBeGreaterThanOrEqual(perSecond.low);
        expect(perSecond.high).toBeGreaterThanOrEqual(perSecond.median);
        expect(rounds).toHaveLength(2);
      }
    }
  });

  it('judges no promise by tiny sizes', () => {
    const { acceptance } = results.areas.optimizers;
    expect(acceptance.length).toBeGreaterThan(0);
    for (const { text, verdict } of acceptance) {
      expect(verdict).toBe('NOT MEASURED');
      expect(output).toContain(`NOT MEASURED  ${text}`);
    }
  });
});

describe('the command line of bench', () => {
  it.each([
    [['sorting'], 'there is no area sorting'],
    [['--threads', 'two'], '--threads must be integers'],
    [['--fast'], "Unknown option '--fast'"],
  ])('%j is refused', (args, message) => {
    expect(() => readCommandLine(args)).toThrow(message);
  });

  it('is refused in one line', () => {
    const { status, stderr } = bench('sorting');
    expect(status).toBe(2);
    expect(stderr).toMatch(/^bench: there is no area sorting, [^\n]+\n$/);
  });
});
