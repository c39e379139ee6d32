import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { packageFolder } from '../../core/here.js';
import type { Table } from './columns.js';
import type { Opened, PipelineModule } from './pipeline.js';
import { Reader, type ReaderOptions, type Request } from './reader.js';
import type { Answer, WorkerData } from './worker.js';

/** Makes steps, one after the other. */
export interface Lane {
  /** Resolves once the pipeline is open. @returns how many samples it has; null for a stream. */
  length(): Promise<number | null>;
  read(request: Request): Promise<Table | null>;
  /** Ends the work at once. */
  close(): Promise<void>;
}

/** In this thread. */
export function ownLane(pipeline: Opened, options: ReaderOptions): Lane {
  const reader = new Reader(pipeline, options, false);
  let last: Promise<unknown> = Promise.resolve();
  return {
    length: async () => reader.length,
    read(request) {
      // Samples with numbers may be waited for together; those of a stream have an order.
      if (request.indices !== null) return reader.read(request);
      const next = last.then(() => reader.read(request));
      last = next.catch(() => undefined);
      return next;
    },
    close: async () => {
      await last;
      await reader.end();
    },
  };
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** In a thread of its own, which keeps no process alive but while someone waits for it. */
export class WorkerLane implements Lane {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  readonly #length: Promise<number | null>;
  #ended: Error | null = null;
  #isClosing = false;

  constructor(pipeline: PipelineModule, options: ReaderOptions) {
    const module = pipeline.module instanceof URL ? pipeline.module.href : pipeline.module;
    const workerData: WorkerData = { pipeline: { ...pipeline, module }, options };
    // What says how to read a script on the command line must not be said of a file.
    const execArgv = process.execArgv.filter((argument) => !argument.startsWith('--input-type'));
    this.#worker = new Worker(workerPath(), { workerData, execArgv });
    this.#worker.on('message', (answer: Answer) => this.#settle(({ resolve }) => resolve(answer)));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', (code) => this.#fail(new Error(`a worker of a loader ended with code ${code}`)));
    this.#length = this.#answer().then((answer) => ('length' in answer ? answer.length : null));
    // Whoever asks for it is told.
    this.#length.catch(() => undefined);
  }

  length(): Promise<number | null> {
    return this.#length;
  }

  async read(request: Request): Promise<Table | null> {
    if (this.#ended !== null) throw this.#ended;
    this.#worker.postMessage(request);
    const answer = await this.#answer();
    return 'table' in answer ? answer.table : null;
  }

  async close(): Promise<void> {
    // A process that waits for nothing else would end before it.
    this.#isClosing = true;
    this.#worker.ref();
    await this.#worker.terminate();
  }

  async #answer(): Promise<Answer> {
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.ref();
    });
    if ('error' in answer) throw answer.error;
    return answer;
  }

  #settle(tell: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.shift();
    if (this.#waiting.length === 0 && !this.#isClosing) this.#worker.unref();
    if (waiting !== undefined) tell(waiting);
  }

  #fail(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
  }
}

/** The build leaves it there; a bundle of someone else's has no file that a thread could start with. */
function workerPath(): string {
  const path = packageFolder === null ? null : join(packageFolder, 'dist', 'train', 'samples', 'worker.js');
  if (path !== null && existsSync(path)) return path;
  throw new Error(
    'workers need the files of the package lockstep as they were installed: leave it out of the bundle, or take workers: 0',
  );
}
