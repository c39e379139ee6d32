// Holds the binaries for Linux to what lets one of them serve every Linux: they need the C library alone, in no version
// later than glibc 2.17, the first for arm64, and export what Node asks for. Then loads each under glibc's loader and under
// musl's, in a program without Node (native/harness/host), and has it compute on two threads.
// An argument names another folder of binaries than the package's.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { arch as machine, tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { ARM64_LAUNCHER } from './cmake.mjs';
import { found, root, run } from './shell.mjs';

const folder = resolve(process.argv[2] ?? join(root, 'prebuilds'));

const LIBRARIES = ['libc.so.6', 'libm.so.6'];
const NEWEST = 17;
const EXPORTS = ['napi_register_module_v1', 'node_api_module_get_api_version_v1'];

const MACHINES = {
  x64: { musl: '/lib/ld-musl-x86_64.so.1', cross: 'x86_64-linux-gnu-gcc', emulator: null },
  arm64: { musl: '/lib/ld-musl-aarch64.so.1', cross: 'aarch64-linux-gnu-gcc', emulator: ARM64_LAUNCHER },
};

function read(...args) {
  const { ok, output } = run('readelf', ['--wide', ...args]);
  if (!ok) throw new Error(output);
  return output.split('\n');
}

function* faultsOf(binary) {
  for (const line of read('--dynamic', binary)) {
    const name = /\(NEEDED\).*\[(.*)\]/.exec(line)?.[1];
    if (name !== undefined && !LIBRARIES.includes(name)) yield `needs ${name}`;
  }
  for (const line of read('--dyn-syms', binary)) {
    const symbol = /(GLOBAL|WEAK) +DEFAULT +(\w+) ([^\s@]+)(?:@+(\S+))?/.exec(line);
    if (symbol === null) continue;
    const [, binding, section, name, version] = symbol;
    if (section !== 'UND') {
      if (!EXPORTS.includes(name)) yield `exports ${name}, which Node does not ask for`;
    } else if (version !== undefined) {
      const minor = /^GLIBC_2\.(\d+)/.exec(version)?.[1];
      if (minor === undefined || Number(minor) > NEWEST) yield `needs ${name} of ${version}`;
    } else if (binding === 'GLOBAL' && !name.startsWith('napi_')) {
      yield `needs ${name}, which is of neither Node-API nor the C library`;
    }
  }
}

/** [name, command line] of the ways to start a program of an architecture, and which of them are not to be had here. */
function launchersOf(arch) {
  const { musl, emulator } = MACHINES[arch];
  if (arch !== machine()) {
    if (emulator !== null && found(emulator[0])) return { launchers: [[emulator[0], emulator]], lacks: [] };
    return { launchers: [], lacks: [`an emulator of ${arch}`] };
  }
  const launchers = [['glibc', []]];
  if (existsSync(musl)) launchers.push(['musl', [musl]]);
  return { launchers, lacks: existsSync(musl) ? [] : ['musl'] };
}

/** Loads a binary in every way that there is here. Returns what went wrong. */
function* faultsOfLoading(binary, arch, temporary) {
  const compiler = arch === machine() ? 'gcc' : MACHINES[arch].cross;
  const title = relative(root, binary);
  if (!found(compiler)) {
    console.log(`SKIPPED  ${title} in a program without Node: without ${compiler}`);
    return;
  }
  const host = join(temporary, `host-${arch}`);
  const headers = join(root, 'node_modules', 'node-api-headers', 'include');
  const flags = ['-std=c11', '-O1', '-Wall', '-Wextra', '-Wno-unused-parameter', '-Werror', '-rdynamic'];
  const sources = ['main.c', 'values.c'].map((name) => join(root, 'native', 'harness', 'host', name));
  const built = run(compiler, [...flags, '-DNAPI_VERSION=8', '-I', headers, ...sources, '-o', host, '-ldl']);
  if (!built.ok) throw new Error(built.output);
  const { launchers, lacks } = launchersOf(arch);
  for (const lack of lacks) console.log(`SKIPPED  ${title} in a program without Node: without ${lack}`);
  for (const [name, launcher] of launchers) {
    const [command, ...args] = [...launcher, host, binary];
    const { ok, output } = run(command, args);
    if (!ok) yield `does not work under ${name}: ${output.trim()}`;
    else console.log(`ok       ${title} under ${name}: ${output.trim()}`);
  }
}

function main() {
  if (!found('readelf')) {
    console.log('SKIPPED  the binaries for Linux: readelf is not installed');
    return;
  }
  const names = existsSync(folder)
    ? readdirSync(folder).filter((name) => /^linux-(x64|arm64)$/.test(name))
    : [];
  const temporary = mkdtempSync(join(tmpdir(), 'lockstep-host-'));
  let faults = 0;
  for (const name of names) {
    const binary = join(folder, name, 'lockstep.node');
    const found = [...faultsOf(binary), ...faultsOfLoading(binary, name.slice('linux-'.length), temporary)];
    for (const fault of found) console.error(`${relative(root, binary)} ${fault}`);
    faults += found.length;
  }
  rmSync(temporary, { recursive: true });
  console.log(`check-binaries: ${names.length} binaries, ${faults} faults`);
  if (faults > 0) process.exitCode = 1;
}

main();
