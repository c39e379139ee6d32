import { fileURLToPath } from 'node:url';
import type { Contender } from '../measure.js';
import { Child, numberIn } from './child.js';

const script = fileURLToPath(new URL('pytorch.py', import.meta.url));

/** Python that computes the same as a piece of work. */
export interface Statements {
  /** Runs once: makes the tensors. Knows `torch` and `functional`. */
  readonly setup: string;
  /** Ways to take one step, by name; the fastest counts. */
  readonly steps: Readonly<Record<string, string>>;
}

export interface Pytorch {
  /** Its version, or why it is absent. */
  readonly version: string;
  /** One contender for each way and number of threads; none where PyTorch is absent. */
  prepare(statements: Statements, threads: readonly number[], work: number): Promise<Contender[]>;
  finish(): Promise<void>;
  close(): void;
}

/** What the names of PyTorch's contenders start with. */
export const PYTORCH = 'PyTorch';

export async function openPytorch(python: string): Promise<Pytorch> {
  let started: Awaited<ReturnType<typeof Child.start>>;
  try {
    started = await Child.start(python, [script]);
  } catch (error) {
    const version = `absent: ${error instanceof Error ? error.message : String(error)}`;
    return { version, prepare: async () => [], finish: async () => {}, close() {} };
  }
  const { child, hello } = started;
  return {
    version: String(hello.version),
    async prepare({ setup, steps }, threads, work) {
      await child.request({ command: 'prepare', setup, steps });
      return Object.keys(steps).flatMap((name) =>
        threads.map((count) => ({
          name: `${PYTORCH} ${name}`,
          threads: count,
          work,
          run: async (repeats: number) => {
            const reply = await child.request({ command: 'run', name, threads: count, steps: repeats });
            return numberIn(reply, 'seconds');
          },
        })),
      );
    },
    async finish() {
      await child.request({ command: 'finish' });
    },
    close: () => child.close(),
  };
}
