import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
const file = join(directory, 'bench.json');

interface Results {
  areas: Record<
    string,
    {
      peers: Record<string, string>;
      acceptance: { text: string; verdict: string }[];
      cases: { name: string; timings: { name: string; threads: number; work: number }[] }[];
    }
  >;
}

let output = '';
let results: Results;

beforeAll(() => {
  const args = ['rows', 'elementwise', 'training', '--quick', '--threads', '1,2', '--json', file];
  const python = ['--python', join(directory, 'no-python')];
  const run = spawnSync(process.execPath, ['--import', 'tsx', main, ...args, ...python], {
    encoding: 'utf8',
  });
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
  output = run.stdout;
  results = JSON.parse(readFileSync(file, 'utf8'));
}, 300_000);

afterAll(() => rmSync(directory, { recursive: true }));

describe('bench rows elementwise training --quick', () => {
  it('measures every piece of work that this build has, with each number of threads', () => {
    expect(Object.keys(results.areas)).toEqual(['rows', 'elementwise', 'training']);
    const { cases } = results.areas.rows;
    expect(cases.map(({ name }) => name)).toContain('softmax [3, 17]');
    for (const { name, timings } of cases) {
      expect(
        timings.map((timing) => `${timing.name} ${timing.threads} ${timing.work}`),
        name,
      ).toEqual(['lockstep 1 51', 'lockstep 2 51']);
      expect(output).toContain(`\n${name} `);
    }
    for (const { name, timings } of results.areas.elementwise.cases) {
      expect(timings.at(-1)?.name, name).toBe('copy');
      const isAbsent = /Not in this build: (.*)\./.exec(output)?.[1].split(', ').includes(name) ?? false;
      expect(timings.length, name).toBe(isAbsent ? 1 : 3);
    }
  });

  it('takes steps with every network, of TensorFlow.js where it can', () => {
    const { cases, peers } = results.areas.training;
    for (const { name, timings } of cases) {
      // A convolution cannot be trained on wasm.
      const slow = name.startsWith('CNN') ? ['tfjs-cpu'] : ['tfjs-cpu', 'tfjs-wasm'];
      expect(
        timings.map((timing) => timing.name),
        name,
      ).toEqual(['lockstep', 'lockstep', ...slow]);
    }
    expect(peers.tfjs).toMatch(/^4\./);
    expect(output).toMatch(/tfjs-wasm without CNN .*: .*Conv2DBackpropFilter/);
    expect(cases).toHaveLength(3);
  });

  it('names the absent peer with the reason, and judges nothing by tiny sizes', () => {
    for (const { peers, acceptance } of Object.values(results.areas)) {
      expect(peers.PyTorch).toMatch(/^absent: .*no-python/);
      expect(acceptance.length).toBeGreaterThan(0);
      for (const { text, verdict } of acceptance) {
        expect(verdict).toBe('NOT MEASURED');
        expect(output).toContain(`NOT MEASURED  ${text}`);
      }
    }
  });
});
