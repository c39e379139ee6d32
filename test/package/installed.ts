// The package as a user gets it, for the tests that load it from there.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { platform } from '../../src/backend/places.js';

/** The binary that was built here, if one was. */
export const BUILT = join('build', 'Release', 'lockstep.node');
export const hasBinary = existsSync(BUILT);

/** Where the package ships its binary. */
export const SHIPPED = join('prebuilds', platform(), 'lockstep.node');

/** A copy of the binary, in folders that are made. */
export function copyBinary(path: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  copyFileSync(BUILT, path);
}

/** Packs the package, and unpacks it into a project. Returns the files in it. */
export function install(project: string): { readonly folder: string; readonly files: readonly string[] } {
  const folder = join(project, 'node_modules', 'lockstep');
  const packed = run(
    'npm',
    ['pack', process.cwd(), '--json', '--ignore-scripts', '--loglevel=error'],
    project,
  );
  const [{ filename, files }] = JSON.parse(packed);
  mkdirSync(folder, { recursive: true });
  run('tar', ['-xzf', filename, '-C', folder, '--strip-components=1'], project);
  if (hasBinary) copyBinary(join(folder, SHIPPED));
  return { folder, files: files.map(({ path }: { path: string }) => path) };
}

/** Puts beside the package what its entries with peers need, and what the README uses with them. */
export function linkPeers(project: string): void {
  for (const name of ['@tensorflow', 'ml-matrix']) {
    symlinkSync(resolve('node_modules', name), join(project, 'node_modules', name), 'junction');
  }
}

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(stdout + stderr);
  return stdout;
}

/** Runs a program that prints JSON, from the root of the file system, and tells which warnings it gave. */
export function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: '/',
    encoding: 'utf8',
    env: { ...process.env, LOCKSTEP_QUIET: '', LOCKSTEP_TARGET: '', LOCKSTEP_BINARY: '', ...env },
  });
  if (status !== 0) throw new Error(stdout + stderr);
  const warnings = stderr.match(/(?<=\(node:\d+\) )(\[\w+\])?/g) ?? [];
  return { printed: stdout === '' ? null : JSON.parse(stdout), warnings, stderr };
}
