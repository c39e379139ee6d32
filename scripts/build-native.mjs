// Builds build/Release/lockstep.node with node-gyp. Where there is no compiler it says so and succeeds: everything
// then runs in TypeScript.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);

/** Node's own headers, where the installation has them: then the build needs no network. */
function nodeDirectory() {
  const prefix = join(dirname(process.execPath), '..');
  return existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? prefix : undefined;
}

function found(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
}

function missingTool() {
  if (process.platform === 'win32') return undefined; // node-gyp finds Visual Studio by itself, and says if not
  if (!['python3', 'python'].some(found)) return 'Python 3';
  if (!found('make')) return 'make';
  const compiler = process.env.CXX ?? (process.platform === 'darwin' ? 'clang++' : 'g++');
  return found(compiler.split(' ')[0]) ? undefined : `the C++ compiler ${compiler}`;
}

function runNodeGyp() {
  const headers = nodeDirectory();
  const result = spawnSync(
    process.execPath,
    [
      require.resolve('node-gyp/bin/node-gyp.js'),
      'rebuild',
      '--silent',
      `--jobs=${availableParallelism()}`,
      ...(headers === undefined ? [] : [`--nodedir=${headers}`]),
    ],
    { cwd: root, stdio: 'inherit' },
  );
  return result.status === 0;
}

const missing = missingTool();
if (missing !== undefined) {
  console.log(
    `Lockstep: the native kernels were not built because ${missing} was not found. Everything works without them, ` +
      'in TypeScript, with the same results for every optimizer, but slower. To have them, install a C++17 compiler, ' +
      'make and Python 3 (Debian: apt-get install g++ make python3; macOS: xcode-select --install) and run ' +
      '`npm run build:native`.',
  );
} else if (!runNodeGyp()) {
  console.error('Lockstep: the native build failed; the messages above say why.');
  process.exitCode = 1;
}
