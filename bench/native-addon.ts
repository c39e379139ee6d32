import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const directory = fileURLToPath(new URL('./native/', import.meta.url));

export type LoadedAddon = { readonly addon: unknown } | { readonly failure: string };

/** Why the addons cannot be built, if so; unknown before the first attempt. */
let built: { readonly failure: string | undefined } | undefined;

/** An addon of bench/native, built where it is out of date; or why there is none. */
export function loadAddon(name: string): LoadedAddon {
  built ??= { failure: build() };
  return built.failure === undefined ? openAddon(name) : { failure: built.failure };
}

/** An addon that this or another process has built. */
export function openAddon(name: string): LoadedAddon {
  const file = join(directory, 'build/Release', `${name}.node`);
  return existsSync(file) ? { addon: require(file) } : { failure: `not for ${process.platform}` };
}

const lock = join(directory, 'build', 'lock');

/** How old a lock is, in milliseconds, that a process left behind when it was ended: a build takes a tenth of it. */
const ABANDONED = 180_000;

/** One process at a time, for node-gyp writes to the files that another one reads. */
function build(): string | undefined {
  takeLock();
  try {
    return runNodeGyp();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function takeLock(): void {
  mkdirSync(dirname(lock), { recursive: true });
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      mkdirSync(lock);
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - since > ABANDONED) rmSync(lock, { recursive: true, force: true });
    Atomics.wait(never, 0, 0, 100);
  }
}

function runNodeGyp(): string | undefined {
  // Node's own headers, where the installation has them: then the build needs no network.
  const prefix = join(dirname(process.execPath), '..');
  const headers = existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? [`--nodedir=${prefix}`] : [];
  const nodeGyp = require.resolve('node-gyp/bin/node-gyp.js');
  const result = spawnSync(
    process.execPath,
    [nodeGyp, 'configure', 'build', '--loglevel=error', ...headers],
    { cwd: directory, encoding: 'utf8' },
  );
  if (result.status === 0) return undefined;
  return `bench/native was not built: ${result.stderr.trim().split('\n').at(-1)}`;
}
