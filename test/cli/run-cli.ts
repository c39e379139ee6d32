import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const LOADER = import.meta.resolve('tsx');

/** A new, empty folder. */
export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'lockstep-'));

/** Runs the program from its sources. */
export function runCli(args: readonly string[], { cwd = temporaryFolder(), env = {} } = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', LOADER, MAIN, ...args], {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  return { status, stdout, stderr, cwd };
}

/** Three classes of points that overlap a little. */
export function sampleCsv(rows = 150): string {
  const lines = Array.from({ length: rows }, (_, row) => {
    const kind = row % 3;
    const wobble = (factor: number) => (Math.sin(row * factor) * 0.6).toFixed(4);
    return `${kind + Number(wobble(1.7))},${wobble(2.3)},${-kind + Number(wobble(3.1))},${'abc'[kind]}`;
  });
  return `x,noise,y,kind\r\n${lines.join('\r\n')}\r\n`;
}
