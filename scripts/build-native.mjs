// Builds build/Release/lockstep.node with node-gyp. Where there is no compiler it says so and succeeds: everything
// then runs in TypeScript.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { found, root, run, seconds, tool } from './shell.mjs';

const build = join(root, 'build');
const addon = join(build, 'Release', 'lockstep.node');
const stamp = join(build, 'configured.json');

/** Node's own headers, where the installation has them: then the build needs no network. */
function nodeDirectory() {
  const prefix = join(dirname(process.execPath), '..');
  return existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? prefix : undefined;
}

function missingTool() {
  if (process.platform === 'win32') return undefined; // node-gyp finds Visual Studio by itself, and says if not
  const { PYTHON, CXX = process.platform === 'darwin' ? 'clang++' : 'g++' } = process.env;
  if (![PYTHON, 'python3', 'python'].some((name) => name && found(name))) return 'Python 3';
  if (!found('make')) return 'make';
  return found(CXX.split(' ')[0]) ? undefined : `the C++ compiler ${CXX}`;
}

/** What the generated makefiles depend on. Sources and headers are make's affair. */
function configuration() {
  const { CXX, CXXFLAGS, LDFLAGS, PYTHON } = process.env;
  const files = ['binding.gyp', 'native/sources.gypi', 'package-lock.json'];
  return JSON.stringify({
    node: [process.version, process.arch, process.execPath],
    environment: { CXX, CXXFLAGS, LDFLAGS, PYTHON },
    files: files.map((name) => readFileSync(join(root, name), 'utf8')),
  });
}

function isConfigured() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === configuration();
}

function nodeGyp() {
  const headers = nodeDirectory();
  const result = run(process.execPath, [
    tool('node-gyp'),
    ...(isConfigured() ? ['build'] : ['configure', 'build']),
    `--jobs=${availableParallelism()}`,
    ...(headers === undefined ? [] : [`--nodedir=${headers}`]),
  ]);
  if (result.ok) writeFileSync(stamp, configuration());
  return result;
}

function timeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

function main() {
  const missing = missingTool();
  if (missing !== undefined) {
    console.log(
      `Lockstep: the native kernels were not built because ${missing} was not found. Everything works without them, ` +
        'in TypeScript, with the same results for every optimizer, but slower. To have them, install a C++17 ' +
        'compiler, make and Python 3 (Debian: apt-get install g++ make python3; macOS: xcode-select --install) ' +
        'and run `npm run build:native`.',
    );
    return;
  }
  const start = performance.now();
  const before = timeOf(addon);
  const { ok, output } = nodeGyp();
  if (!ok) {
    console.error(`${output}Lockstep: the native build failed; the messages above say why.`);
    process.exitCode = 1;
  } else {
    const news = timeOf(addon) === before ? 'up to date' : `built (${seconds(start)})`;
    console.log(`Lockstep: build/Release/lockstep.node is ${news}.`);
  }
}

main();
