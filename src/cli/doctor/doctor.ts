import { availableParallelism } from 'node:os';
import { NO_SUCH_FILE } from '../../backend/native.js';
import { communication } from '../../backend/select.js';
import { IN_TYPESCRIPT } from '../../backend/warn.js';
import { VERSION } from '../../core/version.js';
import { describeLibrary } from '../../distributed/library.js';
import { currentTarget, type Diagnosis, diagnose, targets, threads } from '../../index.js';
import { besides, terminalWidth } from '../../text/wrap.js';
import { machine } from '../machine.js';
import { type Benchmark, benchmark } from './benchmark.js';
import { remedyFor } from './remedies.js';

const BENCHMARK_MILLISECONDS = 2000;

/** `lockstep doctor`: what runs here, what does not and why. */
export async function doctor(): Promise<void> {
  const { cpu, platform, node } = machine();
  const diagnosis = diagnose();
  const rows: (readonly [string, string])[] = [
    ['lockstep', `${VERSION} in Node.js ${node} on ${platform}`],
    ['processor', `${cpu}, ${availableParallelism()} usable`],
    ['targets', targets().map(asUsed).join(', ')],
    ['threads', String(threads())],
    ['binary', diagnosis.path ?? `none: everything ${IN_TYPESCRIPT}`],
    ...selfTest(diagnosis),
    ...loadErrors(diagnosis),
    ['MPI', describeLibrary(communication())],
  ];
  print(rows);
  print([['memory', speed(benchmark(BENCHMARK_MILLISECONDS))]]);
}

function print(rows: readonly (readonly [string, string])[]): void {
  const width = terminalWidth(process.stdout) ?? Number.POSITIVE_INFINITY;
  const lines = rows.flatMap(([name, text]) => besides(name.padEnd(11), text, width));
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

const asUsed = (target: string) => (target === currentTarget() ? `${target} (in use)` : target);

/** On loading, every native target's kernels are compared with the TypeScript ones. */
export function selfTest({ path, steppedDown }: Diagnosis): (readonly [string, string])[] {
  if (path === null) return [];
  if (steppedDown.length === 0) return [['self-test', 'passed on all native targets']];
  return steppedDown.map(({ target, reason }) => ['self-test', `${target} is not used: ${reason}`] as const);
}

/** Places without a file are worth a word only where no other place had one, or where LOCKSTEP_BINARY names them. */
export function loadErrors({ path, loadErrors }: Diagnosis): (readonly [string, string])[] {
  const told = loadErrors.filter(
    ({ message, isNamed }) => path === null || isNamed || message !== NO_SUCH_FILE,
  );
  const rows = told.flatMap(({ path: place, message, isNamed }): (readonly [string, string])[] => {
    const remedy = remedyFor(message);
    return [
      ['not loaded', `${place}${isNamed ? ' (LOCKSTEP_BINARY)' : ''}: ${message}`],
      ...(remedy === null ? [] : [['', remedy] as const]),
    ];
  });
  if (path === null && told.every(({ message }) => message === NO_SUCH_FILE)) {
    rows.push(['', 'no binary for this system: with a C++ compiler, npm run build:native makes one']);
  }
  return rows;
}

function speed({ adam, loop }: Benchmark): string {
  const share = Math.round((100 * adam) / loop);
  return `Adam's step moves ${adam.toFixed(1)} GB/s, ${share} % of a plain in-place loop (${loop.toFixed(1)} GB/s)`;
}
