import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { diagnose, threads, useThreads } from '../../src/backend/select.js';
import { bundled, withBinary } from '../bundled.js';

const isNative = diagnose().path !== null;

let source = '';
beforeAll(() => {
  source = bundled(join(import.meta.dirname, '../../src/index.ts'));
});

describe('the number of threads', () => {
  it('is from 1 to 1,024', () => {
    // Threads start with the first call that has work for them: none are started here.
    for (const count of [1, 2, 1024]) {
      useThreads(count);
      expect(threads()).toBe(isNative ? count : 1);
    }
    expect(() => useThreads(1025)).toThrow(/^threads must be at most 1024, got 1025$/);
    expect(() => useThreads(0)).toThrow(/^threads must be an integer of at least 1, got 0$/);
    expect(() => useThreads(1.5)).toThrow(/^threads must be an integer/);
    expect(threads()).toBe(isNative ? 1024 : 1);
  });

  it.each([
    ['1024', isNative ? /^1024$/ : /^1$/],
    ['1025', /LOCKSTEP_THREADS must be an integer in \[1, 1024\], got "1025"/],
    ['0', /LOCKSTEP_THREADS must be an integer in \[1, 1024\], got "0"/],
    ['two', /LOCKSTEP_THREADS must be an integer in \[1, 1024\], got "two"/],
  ])('is read from LOCKSTEP_THREADS=%s', (LOCKSTEP_THREADS, expected) => {
    const code = `import { threads } from ${JSON.stringify(source)}; console.log(threads());`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      encoding: 'utf8',
      env: { ...withBinary, LOCKSTEP_TARGET: '', LOCKSTEP_THREADS },
    });
    expect((stdout.trim() || stderr).trim()).toMatch(expected);
  });
});
