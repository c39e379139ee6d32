import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
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

function build(): string | undefined {
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
