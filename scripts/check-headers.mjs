// Compiles every header of native/ alone, as an editor does: it includes what it uses. What targets are made of is
// compiled with their flags, by every compiler that is here: all of it for the scalar target and for one with vectors, and
// for the others simd/, which knows their instructions, and the table, which includes the rest.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, arch as machine } from 'node:os';
import { basename, join } from 'node:path';
import { found, root, run, seconds } from './shell.mjs';

const TARGET_FOLDERS = ['math', 'matrix', 'rules', 'simd', 'targets'];
const FOLDERS_OF_VECTORS = ['simd', 'targets'];
const ARM_COMPILER = 'aarch64-linux-gnu-g++';

/** The lists in native/sources.gypi, which is Python. */
function readSources() {
  const text = readFileSync(join(root, 'native', 'sources.gypi'), 'utf8')
    .replace(/^\s*#.*$/gm, '')
    .replaceAll("'", '"')
    .replace(/,(?=\s*[\]}])/g, '');
  return JSON.parse(text).variables;
}

const sources = readSources();
/** Where node_api.h is. */
const nodeApi = join(root, 'node_modules', 'node-api-headers', 'include');

/** [{ compiler, target, flags, folders }]: `target` is a file of native/simd, or undefined for what is not a target's. */
function findBuilds() {
  const isX64 = machine() === 'x64';
  const wanted = process.env.CXX ? [process.env.CXX] : ['g++', 'clang++'];
  const compilers = wanted.filter((compiler) => found(compiler));
  const builds = compilers.flatMap((compiler) => [
    { compiler, target: undefined, flags: [] },
    { compiler, target: 'scalar', flags: ['-DLOCKSTEP_SCALAR'], folders: TARGET_FOLDERS },
    ...(isX64
      ? [
          { compiler, target: 'avx2', flags: sources.avx2_flags, folders: TARGET_FOLDERS },
          { compiler, target: 'avx512', flags: sources.avx512_flags, folders: FOLDERS_OF_VECTORS },
        ]
      : [{ compiler, target: 'neon', flags: [], folders: TARGET_FOLDERS }]),
  ]);
  if (isX64 && builds.length > 0) {
    if (found(ARM_COMPILER)) {
      builds.push({ compiler: ARM_COMPILER, target: 'neon', flags: [], folders: FOLDERS_OF_VECTORS });
    } else {
      console.log(`SKIPPED  neon: ${ARM_COMPILER} is not installed`);
    }
  }
  return builds;
}

/** Each of these belongs to one target. */
function isOfTarget(header, target) {
  const name = basename(header, '.h');
  return (
    !header.startsWith('native/simd/') ||
    !['avx2', 'avx512', 'neon', 'scalar'].includes(name) ||
    name === target
  );
}

function listHeaders() {
  const { ok, output } = run('git', ['ls-files', '-co', '--exclude-standard', 'native/*.h']);
  if (!ok) throw new Error(output);
  // What stands in for the compiler's own header is none of ours.
  return output
    .split('\n')
    .filter((path) => existsSync(join(root, path)) && /\.h$/.test(path) && !path.includes('/emulation/'));
}

/** Every header with every compiler and flags that it needs: [{ header, compiler, title, args }]. */
function listCompilations(headers) {
  const common = [
    '-fsyntax-only',
    '-Werror',
    '-Wfatal-errors',
    ...sources.compile_flags,
    ...sources.float_flags,
    ...sources.addon_defines.map((define) => `-D${define}`),
    '-isystem',
    nodeApi,
    '-x',
    'c++',
    '-',
    '-I',
    root,
  ];
  const builds = findBuilds();
  return headers.flatMap((header) => {
    const folder = header.split('/')[1];
    return builds
      .filter(({ target, folders }) =>
        folders === undefined
          ? !TARGET_FOLDERS.includes(folder)
          : folders.includes(folder) && isOfTarget(header, target),
      )
      .map(({ compiler, target, flags }) => ({
        header,
        title: [compiler, target].filter(Boolean).join(', '),
        compiler,
        args: [...common, ...flags],
      }));
  });
}

/** What the compiler has to say of a header, or undefined. */
function compile({ header, compiler, args }) {
  return new Promise((resolve) => {
    const child = execFile(compiler, args, { cwd: root, maxBuffer: 1 << 26 }, (error, _, errors) =>
      resolve(error === null ? undefined : errors),
    );
    child.stdin?.end(`#include "${header}"\n`);
  });
}

async function main() {
  const start = performance.now();
  const headers = listHeaders();
  const compilations = listCompilations(headers);
  if (compilations.length === 0) {
    console.log('SKIPPED  headers: there is no C++ compiler');
    return;
  }
  const faulty = new Set();
  const queue = compilations.values();
  const worker = async () => {
    for (const compilation of queue) {
      const errors = await compile(compilation);
      if (errors === undefined) continue;
      // One target is enough to see what is missing.
      if (!faulty.has(compilation.header))
        console.error(`${compilation.header} (${compilation.title}):\n${errors}`);
      faulty.add(compilation.header);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  console.log(
    `check-headers: ${headers.length} headers, compiled ${compilations.length} times, ${faulty.size} that do not compile ` +
      `alone (${seconds(start)})`,
  );
  if (faulty.size > 0) process.exitCode = 1;
}

await main();
