// What must never end a process: threads that come and go, an exit at any moment, arguments of any kind. Each runs in a
// process of its own.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadAddon } from '../../src/backend/native.js';
import { bundled, withBinary } from '../bundled.js';

const { path, addon } = loadAddon();
const seed = process.env.LOCKSTEP_SEED ?? String(Date.now() % 2 ** 31);

const child = (name: string) => join(import.meta.dirname, 'children', `${name}.mjs`);

function run(script: string, ...args: string[]) {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
    env: withBinary,
    timeout: 50_000,
  });
  return { status, signal, output: stdout + stderr };
}

/** A program that is given the addon. */
const runChild = (name: string, ...args: string[]) => run(child(name), path ?? '', ...args);

/** For how long a thread writes to memory that a kernel reads. */
const seconds = process.env.LOCKSTEP_TEST_LONG ? '1' : '0.3';

test('the package uses the numbers of rows that it has checked, whatever another thread writes', () => {
  expect(run(bundled(child('shared-typescript')), seconds)).toEqual({
    status: 0,
    signal: null,
    output: '4 used what they checked\n',
  });
});

describe.skipIf(path === null)('the addon', () => {
  test('gives worker threads that share the pool what each would get alone', () => {
    expect(runChild('workers')).toEqual({ status: 0, signal: null, output: 'same\n' });
  });

  test('survives workers that are terminated during a call', () => {
    expect(runChild('terminate')).toEqual({ status: 0, signal: null, output: 'alive\n' });
  });

  test('lets the process exit while the pool and a worker are busy', () => {
    expect(runChild('exit')).toEqual({ status: 7, signal: null, output: '' });
  });

  test('uses no memory that a getter took away while it was reading', () => {
    expect(runChild('getters')).toEqual({
      status: 0,
      signal: null,
      output: 'RangeError SyntaxError done\n',
    });
  });

  test('takes no step again whose memory was taken away', () => {
    expect(runChild('repeated')).toEqual({ status: 0, signal: null, output: 'alive\n' });
  });

  test('looks for no place twice in memory that another thread writes to', () => {
    expect(runChild('shared', seconds)).toEqual({ status: 0, signal: null, output: '8 kept their places\n' });
  });

  // A sanitizer needs the address space that is taken away here.
  const limits = process.platform === 'linux' && process.env.ASAN_OPTIONS === undefined;
  test.skipIf(!limits || spawnSync('prlimit').error !== undefined)('has a call without memory fail', () => {
    expect(runChild('no-memory')).toEqual({
      status: 0,
      signal: null,
      output: 'Error: gatherRows: out of memory for a copy of indices 0\n3 3 0\n',
    });
  });

  test('refuses sizes whose positions no int32 holds', () => {
    const [x, found] = [new Float32Array(1), new Int32Array(1)];
    for (const name of ['argmax', 'argmin'] as const) {
      expect(() => addon?.kernels[name](1, 2 ** 31, 1, x, found)).toThrow(
        `${name}: the count of elements must be at most 2147483647, got 2147483648`,
      );
    }
    const pool = [2 ** 16, 2 ** 15, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1] as const;
    const most = /height times width, must be at most 2147483647, got 2147483648/;
    expect(() => addon?.kernels.maxPool2dForward(...pool, x, found, x)).toThrow(most);
    expect(() => addon?.kernels.maxPool2dBackward(...pool, 0, found, x, x)).toThrow(most);
  });

  test('is left as it was set by workers that import the package', () => {
    const { status, output } = run(bundled(child('settings')));
    const [threads, alone, others, typescript] = output.trimEnd().split('\n');
    expect({ status, threads: Number(threads) }).toEqual({ status: 0, threads: expect.any(Number) });
    expect(alone).toMatch(/: 1 scalar, 1 scalar$/);
    expect(others).toMatch(/: 1 scalar, 1 scalar$/);
    expect(typescript).toMatch(/: 1 typescript, 1 scalar$/);
  });

  test(`refuses hostile arguments with a TypeError or a RangeError (LOCKSTEP_SEED=${seed})`, () => {
    expect(runChild('fuzz', seed)).toEqual({
      status: 0,
      signal: null,
      output: expect.stringMatching(/^\d+ kernels, [1-9]\d* of them for other types, \d+ rules\n$/),
    });
  });
});
