import { fileURLToPath } from 'node:url';
import type { Contender } from '../measure.js';
import { Child, sampleIn } from './child.js';
import { type Environment, peerEnvironment } from './environment.js';

const script = fileURLToPath(new URL('pytorch.py', import.meta.url));

/** One way to take a step. */
export interface Way {
  /** Runs once, in a place of its own; a way that fails here, or in its first step, is not in this version. */
  readonly setup?: string;
  /** Knows `i`, the number of the step. */
  readonly step: string;
  /** Runs at the end, and raises an error if what was measured is void. */
  readonly check?: string;
}

/** Python that computes the same as a piece of work. */
export interface Statements {
  /** Runs once: makes what all ways use. Knows `torch` and `functional`. */
  readonly setup: string;
  /** By name; the fastest counts. */
  readonly ways: Readonly<Record<string, Way>>;
}

export interface Pytorch {
  /** Its version, or why it is absent. */
  readonly version: string;
  /** One contender for each way, number of threads and way to have them; none where PyTorch is absent. */
  prepare(statements: Statements, work: number): Promise<Contender[]>;
  finish(): Promise<void>;
  close(): void;
}

/** What the names of PyTorch's contenders start with. */
export const PYTORCH = 'PyTorch';

interface Process {
  readonly child: Child;
  readonly threads: number;
  /** How it has its threads. */
  readonly kind: string;
}

/**
 * A process for each number of threads, because OpenBLAS reads it at its start alone. On several threads there are two:
 * PyTorch's own threads (OpenMP) and OpenBLAS's spin while they wait, and take each other's processors. Either OpenBLAS
 * has one thread, or OpenMP's do not spin: which is faster depends on the work.
 */
function kindsOf(threads: number): Readonly<Record<string, Environment>> {
  if (threads === 1) return { '': {} };
  return {
    ', BLAS on 1 thread': { OPENBLAS_NUM_THREADS: '1' },
    ', passive OpenMP': { OMP_WAIT_POLICY: 'passive' },
  };
}

export async function openPytorch(python: string, threads: readonly number[]): Promise<Pytorch> {
  const processes: Process[] = [];
  let version = '';
  const close = () => {
    for (const { child } of processes) child.close();
  };
  try {
    for (const count of threads) {
      for (const [kind, settings] of Object.entries(kindsOf(count))) {
        const environment = peerEnvironment(count, settings);
        const { child, hello } = await Child.start(python, [script, String(count)], environment);
        version = String(hello.version);
        processes.push({ child, threads: count, kind });
      }
    }
  } catch (error) {
    close();
    const reason = `absent: ${error instanceof Error ? error.message : String(error)}`;
    return { version: reason, prepare: async () => [], finish: async () => {}, close() {} };
  }
  return {
    version: `${version}, a process for each number of threads`,
    async prepare(statements, work) {
      const contenders: Contender[] = [];
      for (const process of processes) contenders.push(...(await prepareOn(process, statements, work)));
      return contenders;
    },
    async finish() {
      for (const { child } of processes) await child.request({ command: 'finish' });
    },
    close,
  };
}

async function prepareOn(
  { child, threads, kind }: Process,
  { setup, ways }: Statements,
  work: number,
): Promise<Contender[]> {
  const complete = Object.entries(ways).map(([name, way]) => [name, { setup: '', check: '', ...way }]);
  const { names } = await child.request({ command: 'prepare', setup, ways: Object.fromEntries(complete) });
  if (!Array.isArray(names)) throw new Error('PyTorch names no ways');
  return names.map((name) => ({
    name: `${PYTORCH} ${name}${kind}`,
    threads,
    work,
    run: async (steps) => sampleIn(await child.request({ command: 'run', name, steps })),
  }));
}
