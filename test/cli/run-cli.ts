import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const BUILT = join(root, 'dist', 'cli', 'main.js');

/** When it was last written; 0 where it is not there. */
const writtenAt = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function isBuilt(): boolean {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  return sources.every((path) => writtenAt(join(root, 'src', path)) < writtenAt(BUILT));
}

/** The built program, which starts in a fifth of the time, unless a source is younger: then from its sources. */
const PROGRAM: readonly string[] = isBuilt()
  ? [BUILT]
  : ['--import', import.meta.resolve('tsx'), join(root, 'src', 'cli', 'main.ts')];

/** A new, empty folder. */
export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'lockstep-'));

interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** An open file that gets what the program prints. */
  readonly stdout?: number | 'pipe';
}

/** Runs the program. */
export function runCli(
  args: readonly string[],
  { cwd = temporaryFolder(), env = {}, stdout: output = 'pipe' }: RunOptions = {},
) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...PROGRAM, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', output, 'pipe'],
    encoding: 'utf8',
  });
  return { status, stdout, stderr, cwd };
}

/** Starts the program, and calls `during` with its process. */
export async function watchCli(
  args: readonly string[],
  during: (child: ReturnType<typeof startCli>) => void,
  cwd = temporaryFolder(),
) {
  const child = startCli(args, cwd);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (data) => {
      output[name] += data;
    });
  }
  during(child);
  const status = await new Promise((resolve) => child.once('close', resolve));
  return { status, ...output, cwd };
}

function startCli(args: readonly string[], cwd: string) {
  return spawn(process.execPath, [...PROGRAM, ...args], { cwd });
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
