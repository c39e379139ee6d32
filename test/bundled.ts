import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { loadAddon } from '../src/backend/native.js';

let folder: string | undefined;

function temporaryFolder(): string {
  const made = mkdtempSync(join(tmpdir(), 'lockstep-bundled-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  return made;
}

/**
 * A program with the sources that it imports as one module, which a process or a thread loads in a fifth of the time; it
 * needs `withBinary` as its environment.
 */
export function bundled(program: string): string {
  folder ??= temporaryFolder();
  const outfile = join(folder, `${program.replace(/\W+/g, '-')}.mjs`);
  buildSync({
    entryPoints: [program],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    packages: 'external',
  });
  return outfile;
}

/** Of the process, with the binary that the sources find: a bundle lies elsewhere. */
export const withBinary: NodeJS.ProcessEnv = { ...process.env, LOCKSTEP_BINARY: loadAddon().path ?? '' };
