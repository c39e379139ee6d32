// The check of the shipped binaries notices what would keep one from some Linux.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { BUILT } from './installed.js';

const hasTools = ['gcc', 'readelf'].every(
  (tool) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).status === 0,
);
const isX64 = process.platform === 'linux' && process.arch === 'x64';
const hasMusl = existsSync('/lib/ld-musl-x86_64.so.1');

const MODULE = 'void* napi_register_module_v1(void* env, void* exports) { return exports; }\n';

const MISTAKES = [
  {
    mistake: 'another library',
    source: MODULE,
    flags: ['-Wl,--no-as-needed', '-lpthread', '-l:libgcc_s.so.1'],
    fault: 'needs libgcc_s.so.1',
  },
  {
    mistake: 'a function of a later glibc',
    source: `${MODULE}int pthread_create(); int f(void) { return pthread_create(); }`,
    fault: 'needs pthread_create of GLIBC_2.34',
  },
  {
    mistake: 'the C++ runtime',
    source: `${MODULE}void* _Znwm(long); void* f(void) { return _Znwm(1); }`,
    fault: 'needs _Znwm, which is of neither Node-API nor the C library',
  },
  {
    mistake: 'a symbol that nobody asks for',
    source: `${MODULE}int helper;`,
    fault: 'exports helper, which Node does not ask for',
  },
  {
    mistake: 'a module that computes nothing',
    source: MODULE,
    fault: 'does not work under glibc',
  },
  {
    mistake: 'a function that musl has not',
    source: `${MODULE}char* gnu_get_libc_version(void); char* f(void) { return gnu_get_libc_version(); }`,
    fault: 'gnu_get_libc_version: symbol not found',
    skip: !hasMusl,
  },
];

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A folder of binaries, and where the one for this machine goes. */
function newFolder(): { folder: string; binary: string } {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-binaries-'));
  folders.push(folder);
  mkdirSync(join(folder, 'linux-x64'));
  return { folder, binary: join(folder, 'linux-x64', 'lockstep.node') };
}

function check(folder: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/check-binaries.mjs', folder], {
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

describe.skipIf(!hasTools || !isX64)('the check of the binaries', () => {
  for (const { mistake, source, fault, flags = [], skip = false } of MISTAKES) {
    test.skipIf(skip)(`notices ${mistake}`, () => {
      const { folder, binary } = newFolder();
      const code = join(folder, 'example.c');
      writeFileSync(code, source);
      const built = spawnSync('gcc', ['-shared', '-fPIC', code, '-o', binary, ...flags], {
        encoding: 'utf8',
      });
      expect(built.status, built.stderr).toBe(0);

      const result = check(folder);
      expect(result.output).toContain(fault);
      expect(result.status).toBe(1);
    });
  }

  test.skipIf(!existsSync(BUILT))('finds none of them in the build', () => {
    const { folder, binary } = newFolder();
    copyFileSync(BUILT, binary);
    expect(check(folder)).toEqual({ status: 0, output: expect.stringContaining('1 binaries, 0 faults') });
  });
});
