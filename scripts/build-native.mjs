// Builds build/Release/lockstep.node with node-gyp. Where there is no compiler it says so and succeeds: everything
// then runs in TypeScript.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
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

/** Whether make's rules are older than what they were made from. */
function mustConfigure() {
  const rules = join(root, 'build', process.platform === 'win32' ? 'binding.sln' : 'Makefile');
  if (!existsSync(rules)) return true;
  const made = statSync(rules).mtimeMs;
  return ['binding.gyp', 'native/sources.gypi', 'package-lock.json'].some(
    (file) => statSync(join(root, file)).mtimeMs > made,
  );
}

/** Silent while all goes well; returns what the compiler said where it does not. */
function runNodeGyp() {
  const headers = nodeDirectory();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      require.resolve('node-gyp/bin/node-gyp.js'),
      mustConfigure() ? 'rebuild' : 'build',
      `--jobs=${availableParallelism()}`,
      ...(headers === undefined ? [] : [`--nodedir=${headers}`]),
    ],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  return status === 0 ? undefined : `${stdout}\n${stderr}`;
}

const missing = missingTool();
if (missing !== undefined) {
  console.log(
    `Lockstep: the native kernels were not built because ${missing} was not found. Everything works without them, ` +
      'in TypeScript, with the same results for every optimizer, but slower. To have them, install a C++17 compiler, ' +
      'make and Python 3 (Debian: apt-get install g++ make python3; macOS: xcode-select --install) and run ' +
      '`npm run build:native`.',
  );
} else {
  const started = performance.now();
  const failure = runNodeGyp();
  if (failure === undefined) {
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`Lockstep: the native kernels are built (${seconds} s).`);
  } else {
    console.error(`${failure}\nLockstep: the native build failed; the messages above say why.`);
    process.exitCode = 1;
  }
}
