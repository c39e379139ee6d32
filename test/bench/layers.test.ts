import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
const file = join(directory, 'bench.json');

interface Case {
  readonly name: string;
  readonly timings: readonly { readonly name: string; readonly threads: number }[];
}

let output = '';
let cases: readonly Case[] = [];

beforeAll(() => {
  const args = ['layers', '--quick', '--threads', '1,2', '--json', file];
  const python = ['--python', join(directory, 'no-python')];
  const run = spawnSync(process.execPath, ['--import', 'tsx', main, ...args, ...python], {
    encoding: 'utf8',
  });
  output = run.stdout;
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
  ({ cases } = JSON.parse(readFileSync(file, 'utf8')).areas.layers);
}, 120_000);

afterAll(() => rmSync(directory, { recursive: true }));

const timingsOf = (start: string) => cases.find(({ name }) => name.startsWith(start))?.timings ?? [];

describe('bench layers --quick', () => {
  it('measures layers, losses and functions, and fails in none', () => {
    for (const name of [
      'LSTM',
      'GRU',
      'GroupNorm',
      'CTC',
      'cat along the last axis',
      'sort of rows',
      'huber, gradient',
    ]) {
      const own = timingsOf(name).filter((timing) => timing.name === 'lockstep');
      expect(
        own.map(({ threads }) => threads),
        name,
      ).toEqual([1, 2]);
    }
    expect(output).not.toContain('Failed: ');
  });

  it('measures `set` beside what only copies', () => {
    expect(timingsOf('flip').map(({ name }) => name)).toContain('limit set');
    expect(timingsOf('sin').map(({ name }) => name)).not.toContain('limit set');
  });
});
