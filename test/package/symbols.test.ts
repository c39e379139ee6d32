// The check of the object files notices each of the mistakes it is there for.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const SCRIPT = 'scripts/check-symbols.mjs';
const hasTools = ['g++', 'nm', 'objdump'].every(
  (tool) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).status === 0,
);
const isX64 = process.platform === 'linux' && process.arch === 'x64';

const TABLE = 'namespace lockstep { extern const int kAvx2Kernels; const int kAvx2Kernels = 1; }\n';

const MISTAKES = [
  {
    mistake: 'a second exported symbol',
    source: `${TABLE}int second() { return 2; }`,
    fault: 'must export lockstep::kAvx2Kernels alone, exports second(), lockstep::kAvx2Kernels',
  },
  {
    mistake: 'a function that the linker may merge with another target',
    source: `${TABLE}template <class T> T twice(T x) { return x + x; } template float twice(float);`,
    fault: 'holds the weak symbol float twice<float>(float)',
  },
  {
    mistake: 'a constructor that runs at load',
    source: `${TABLE}namespace { volatile int source; struct S { S() { source = 1; } } early; }`,
    fault: 'has a constructor that runs at load',
  },
  {
    mistake: 'a call of the C library',
    source: `${TABLE}extern "C" double exp(double); namespace { __attribute__((used)) double f(double x) { return exp(x) + 1; } }`,
    fault: 'calls exp from outside',
  },
  {
    mistake: 'a fused multiply-add in a rule',
    source: `${TABLE}namespace { template <class T> void each(T* p, T g) { *p = *p * g + g; }
      __attribute__((used)) void (*const loop)(float*, float) = each<float>; }`,
    flags: ['-mfma', '-ffp-contract=fast'],
    fault: 'fuses a multiplication and an addition',
  },
  {
    mistake: 'a fused multiply-add in a rule of doubles',
    source: `${TABLE}namespace { typedef double V __attribute__((vector_size(32)));
      template <class R, class T> void each(V* p, V g) { *p = *p * g + g; }
      __attribute__((used)) void (*const loop)(V*, V) = each<int, double>; }`,
    flags: ['-mfma', '-mavx', '-ffp-contract=fast'],
    fault: 'fuses a multiplication and an addition (vfmadd',
  },
  {
    mistake: 'rules that are not there',
    source: TABLE,
    fault: 'has 0 loops of',
  },
  {
    mistake: 'AVX in what runs before the CPU is checked',
    library: 'lockstep',
    source: 'float half(float x) { return x * 0.5f; }',
    flags: ['-mavx'],
    fault: 'runs on every processor, but has vmulss in half(float)',
  },
];

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function check(folder: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, folder], { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

describe.skipIf(!hasTools || !isX64)('the check of the object files', () => {
  test.each(MISTAKES)('notices $mistake', ({ source, fault, library = 'avx2', flags = [] }) => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-symbols-'));
    folders.push(folder);
    const object = join(folder, library, 'native', 'example.o');
    mkdirSync(dirname(object), { recursive: true });
    const code = join(folder, 'example.cc');
    writeFileSync(code, source);
    const { status, stderr } = spawnSync('g++', ['-O2', ...flags, '-c', code, '-o', object], {
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);

    const result = check(folder);
    expect(result.output).toContain(fault);
    expect(result.status).toBe(1);
  });

  test.skipIf(!existsSync('build/Release/obj.target'))('finds none of them in the build', () => {
    expect(check('build/Release/obj.target')).toEqual({
      status: 0,
      output: expect.stringMatching(/^check-symbols: \d+ object files, 0 faults\n$/),
    });
  });
});
