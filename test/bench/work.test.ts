import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
const file = join(directory, 'bench.json');

interface Timing {
  name: string;
  threads: number;
  work: number;
  processors: number;
  void: boolean;
}

type Results = Record<
  string,
  {
    peers: Record<string, string>;
    acceptance: { text: string; verdict: string }[];
    cases: { name: string; timings: Timing[] }[];
  }
>;

let output = '';
const results: Results = {};

function bench(areas: readonly string[], only: string): void {
  const settings = ['--quick', '--threads', '1,2', '--only', only, '--json', file];
  const python = ['--python', join(directory, 'no-python')];
  const run = spawnSync(process.execPath, ['--import', 'tsx', main, ...areas, ...settings, ...python], {
    encoding: 'utf8',
  });
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
  output += run.stdout;
  Object.assign(results, JSON.parse(readFileSync(file, 'utf8')).areas);
}

// Each network starts processes of its own: the others wait for `npm run check`.
const networks = process.env.LOCKSTEP_TEST_LONG ? ['MLP', 'CNN', 'transformer'] : ['CNN'];

beforeAll(() => {
  bench(['rows', 'elementwise'], '');
  bench(['training', 'inference'], networks.length === 1 ? networks[0] : '');
}, 300_000);

afterAll(() => rmSync(directory, { recursive: true }));

describe('bench rows elementwise training inference --quick', () => {
  it('measures every piece of work that this build has, with each number of threads', () => {
    expect(Object.keys(results)).toEqual(['rows', 'elementwise', 'training', 'inference']);
    const { cases } = results.rows;
    expect(cases.map(({ name }) => name)).toContain('softmax [3, 17]');
    for (const { name, timings } of cases) {
      const own = timings.filter((timing) => timing.name === 'lockstep');
      expect(
        own.map(({ threads, work }) => [threads, work]),
        name,
      ).toEqual([
        [1, 51],
        [2, 51],
      ]);
      expect(output).toContain(`\n${name} `);
    }
    for (const { name, timings } of results.elementwise.cases) {
      const isAbsent = /Not in this build: (.*)\./.exec(output)?.[1].split('; ').includes(name) ?? false;
      expect(timings.filter((timing) => timing.name === 'lockstep').length, name).toBe(isAbsent ? 0 : 2);
    }
  });

  it('measures the limit beside all of them, and raw kernels by their own name', () => {
    for (const [area, { peers, cases }] of Object.entries(results)) {
      for (const { name, timings } of cases) {
        const limits = timings.filter((timing) => timing.name.startsWith('limit '));
        const threads = [...new Set(limits.map((timing) => timing.threads))];
        expect(threads, name).toEqual(peers.limit.startsWith('absent') ? [] : [1, 2]);
        const kernels = timings.filter((timing) => timing.name === 'kernels');
        expect(kernels.length, name).toBe(area === 'rows' && /norm|cross/.test(name) ? 2 : 0);
        for (const { processors } of timings) expect(processors, name).toBeGreaterThan(0);
      }
    }
  });

  it('takes steps with every network, of TensorFlow.js where it can', () => {
    const { cases, peers } = results.training;
    for (const { name, timings } of cases) {
      // A convolution cannot be trained on wasm.
      const slow = name.startsWith('CNN') ? ['tfjs-cpu'] : ['tfjs-cpu', 'tfjs-wasm'];
      expect(
        timings.map((timing) => timing.name).filter((one) => !one.startsWith('limit')),
        name,
      ).toEqual(['lockstep', 'lockstep', ...slow]);
    }
    expect(peers.tfjs).toMatch(/^4\./);
    expect(output).toMatch(/tfjs-wasm without CNN .*: .*Conv2DBackpropFilter/);
    expect(cases.map(({ name }) => name.split(' ')[0])).toEqual(networks);
  });

  it('names the absent peer with the reason, and judges nothing by tiny sizes', () => {
    expect(results.inference.peers['ONNX Runtime']).toMatch(/^(\d+\.|absent: npm install )/);
    for (const [name, { peers, acceptance }] of Object.entries(results)) {
      expect(peers.PyTorch).toMatch(/^absent: .*no-python/);
      expect(acceptance.length > 0).toBe(name !== 'inference');
      for (const { text, verdict } of acceptance) {
        expect(verdict).toBe('NOT MEASURED');
        expect(output).toContain(`NOT MEASURED  ${text}`);
      }
    }
  });
});
