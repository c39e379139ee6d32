// How the scripts run other programs: quietly, keeping what they print for when they fail.
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * Runs a program in the root of the repository. `output` is what it wrote to both streams, in order.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 * @returns {{ ok: boolean, output: string }}
 */
export function run(command, args, { env = process.env, cwd = root } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-'));
  const path = join(folder, 'output');
  const file = openSync(path, 'w');
  try {
    const { status, signal, error } = spawnSync(command, args, { cwd, env, stdio: ['ignore', file, file] });
    const output = readFileSync(path, 'utf8');
    const end = error ?? (signal === null ? undefined : `${command} was ended by ${signal}`);
    return { ok: status === 0, output: end === undefined ? output : `${output}${end}\n` };
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true });
  }
}

/** Whether a program is there and can say its version. */
export function found(command, flag = '--version') {
  return spawnSync(command, [flag], { stdio: 'ignore' }).status === 0;
}

/** The script behind a command of an installed package: `run(process.execPath, [tool('typescript', 'tsc'), ...])`. */
export function tool(packageName, command = packageName) {
  const folder = join(root, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[command]);
}

/** Seconds since `start`, a value of `performance.now()`. */
export function seconds(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}
