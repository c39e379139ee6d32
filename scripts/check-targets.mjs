// `npm run check:targets`: runs every kernel on every target in a program without Node (native/harness) and compares
// all bits, as GCC and as Clang compile it. NEON runs under an emulator, and AVX-512 compiled to AVX2 where the
// processor has none: these two alone, their hashes are compared with the native ones (`harness kernels scalar neon`
// shows which call differs).
// `-- --sanitize` runs the same under AddressSanitizer, UndefinedBehaviorSanitizer and ThreadSanitizer instead.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ARM64_COMPILER,
  ARM64_EMULATOR,
  ARM64_LAUNCHER,
  ARM64_OPTIONS,
  build,
  folderOf,
  isX64Linux,
  missing,
} from './cmake.mjs';
import { found, run, seconds } from './shell.mjs';

function hasAvx512() {
  return /^flags.*\bavx512bw\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'));
}

/**
 * A build of the harness. `lacks`: what must be there and is not; `runs`: its command lines; `launcher`: how
 * its program is started where the machine cannot do so.
 */
const HARNESSES = [
  {
    name: 'native',
    options: [],
    lacks: [],
    runs: [['self-test'], ['pool'], ['stream'], ['out-of-memory'], ['kernels']],
  },
  {
    name: 'clang',
    options: ['-DCMAKE_CXX_COMPILER=clang++'],
    lacks: found('clang++') ? [] : ['clang'],
    runs: [['self-test'], ['kernels']],
  },
  {
    name: 'arm64',
    options: ARM64_OPTIONS,
    lacks: isX64Linux
      ? missing(ARM64_COMPILER, ARM64_EMULATOR)
      : ['an x86-64 machine with Linux to compare with'],
    launcher: ARM64_LAUNCHER,
    runs: [['self-test'], ['kernels', 'neon']],
  },
  {
    name: 'avx512',
    options: ['-DLOCKSTEP_EMULATE_AVX512=ON'],
    lacks: !isX64Linux
      ? ['an x86-64 machine with Linux']
      : hasAvx512()
        ? ['a processor that has no AVX-512: here it ran natively']
        : existsSync('/usr/include/simde/x86/avx512.h')
          ? []
          : ['libsimde-dev'],
    runs: [['kernels', 'avx512']],
  },
];

const SANITIZED = [
  {
    name: 'address',
    options: ['-DLOCKSTEP_SANITIZE=ON'],
    lacks: [],
    runs: [['self-test'], ['pool'], ['stream'], ['out-of-memory'], ['kernels']],
  },
  {
    name: 'thread',
    options: ['-DLOCKSTEP_SANITIZE=thread'],
    lacks: [],
    // The targets divide the work in the same way: one of them shows the races of all.
    runs: [['pool'], ['stream'], ['threads', 'scalar']],
  },
];

/** `kernel type` -> target -> hash, from the lines of the harness. */
function readHashes(output) {
  const hashes = new Map();
  for (const [, kernel, target, hash] of output.matchAll(
    /^(\w+ (?:float|double|int32_t|uint8_t)) (\w+) ([0-9a-f]{16})$/gm,
  )) {
    hashes.set(kernel, { ...hashes.get(kernel), [target]: hash });
  }
  return hashes;
}

/** Every hash of `hashes` must be the one that the native scalar target gave. */
function differences(hashes, expected) {
  const lines = [];
  for (const [kernel, byTarget] of hashes) {
    for (const [target, hash] of Object.entries(byTarget)) {
      if (hash !== expected.get(kernel)?.scalar) lines.push(`${kernel}: ${target} ${hash}`);
    }
  }
  return lines;
}

function targetsOf(hashes) {
  return [...new Set([...hashes.values()].flatMap((byTarget) => Object.keys(byTarget)))];
}

/** Returns the hashes of the harness, undefined where it was not asked for them, or null where it failed. */
function runHarness(harness) {
  const start = performance.now();
  const built = build(harness.name, harness.options, 'harness');
  if (!built.ok) {
    console.error(`${built.output}FAILED  ${harness.name}: the build`);
    return null;
  }
  console.log(`ok      ${harness.name}: built (${seconds(start)})`);
  const program = join(folderOf(harness.name), 'harness');
  let hashes;
  for (const words of harness.runs) {
    const started = performance.now();
    const [command, ...args] = [...(harness.launcher ?? []), program, ...words];
    const { ok, output } = run(command, args);
    const title = `${harness.name}: ${words.join(' ')}`;
    if (!ok) {
      console.error(`${output}FAILED  ${title}`);
      return null;
    }
    const read = readHashes(output);
    // The other modes make fewer calls, so their hashes are others.
    if (words[0] === 'kernels') hashes = read;
    const what = read.size > 0 ? `, ${read.size} kernels on ${targetsOf(read).join(', ')}` : '';
    console.log(`ok      ${title}${what} (${seconds(started)})`);
  }
  if (hashes?.size === 0) {
    console.error(`FAILED  ${harness.name}: it compared nothing`);
    return null;
  }
  return hashes;
}

function main() {
  if (!found('cmake') || !found(process.env.CXX ?? 'c++')) {
    console.log('SKIPPED all targets: cmake or a C++ compiler is not installed');
    return;
  }
  let expected;
  for (const harness of process.argv.includes('--sanitize') ? SANITIZED : HARNESSES) {
    if (harness.lacks.length > 0) {
      console.log(`SKIPPED ${harness.name}: without ${harness.lacks.join(' and ')}`);
      continue;
    }
    const hashes = runHarness(harness);
    expected ??= hashes ?? undefined;
    const lines = hashes ? differences(hashes, expected) : [];
    if (lines.length > 0) console.error(`${lines.join('\n')}\nFAILED  ${harness.name}: other bits`);
    if (hashes === null || lines.length > 0) process.exitCode = 1;
  }
}

main();
