import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { here, packageFolder } from '../../core/here.js';
import { currentTarget } from '../../index.js';
import { UsageError } from '../errors.js';
import { type StudyData, sharedData, validationOf } from './data.js';
import type { StudyRun } from './study.js';
import { type Standing, type Task, train } from './train.js';

/** Which rows a task is about: those of the study, or a part of those to learn from, of which the rest judges. */
export type Rows = 'study' | 'validation';

/** A task, and what those who watch call it. */
export interface Job {
  readonly task: Task;
  readonly rows: Rows;
  readonly name: string;
}

/** What a worker is started with. */
export interface WorkerData {
  readonly data: StudyData;
  readonly target: string;
}

/** What it posts: now and then where it stands, and then what came out. */
export type Answer =
  | { readonly standing: Standing }
  | { readonly run: StudyRun }
  | { readonly problem: Problem };

/** An error, as a thread tells it. */
interface Problem {
  readonly message: string;
  readonly stack: string | undefined;
  readonly isUsage: boolean;
}

/** Trains, one after the other. */
interface Lane {
  run(job: Job, watch: (standing: Standing) => void): Promise<StudyRun>;
  close(): Promise<void>;
}

/** What is told while jobs are done. */
export interface Watcher {
  readonly update: (job: Job, standing: Standing) => void;
  /** Waited for before the next job begins. */
  readonly finish: (job: Job, run: StudyRun) => Promise<void>;
}

/** Trains as many networks at a time as it has lanes. What comes out does not depend on how many they are. */
export class Pool {
  readonly #lanes: readonly Lane[];

  /** @param lanes 1: in this thread; more: in threads of their own. */
  constructor(data: StudyData, lanes: number) {
    if (lanes === 1) this.#lanes = [ownLane(data)];
    else {
      const workerData = { data: sharedData(data), target: currentTarget() };
      this.#lanes = Array.from({ length: lanes }, () => new WorkerLane(workerData));
    }
  }

  /** Does all jobs, those first that come first. @returns their runs, in their order. */
  async run(jobs: readonly Job[], { update, finish }: Watcher): Promise<StudyRun[]> {
    const runs: StudyRun[] = [];
    const waiting = jobs.entries();
    const work = async (lane: Lane) => {
      for (const [index, job] of waiting) {
        runs[index] = await lane.run(job, (standing) => update(job, standing));
        await finish(job, runs[index]);
      }
    };
    await Promise.all(this.#lanes.map(work));
    return runs;
  }

  async close(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }
}

/** The rows that jobs are about. */
export function rowsOf(data: StudyData): (rows: Rows) => StudyData {
  const validation = validationOf(data);
  return (rows) => (rows === 'study' ? data : validation);
}

function ownLane(data: StudyData): Lane {
  const dataOf = rowsOf(data);
  return {
    run: ({ task, rows }, watch) => train(task, dataOf(rows), watch),
    close: async () => {},
  };
}

/** Who waits for a job. */
interface Waiting {
  readonly job: Job;
  readonly watch: (standing: Standing) => void;
  readonly resolve: (run: StudyRun) => void;
  readonly reject: (error: Error) => void;
}

class WorkerLane implements Lane {
  readonly #worker: Worker;
  #waiting: Waiting | null = null;
  /** Why no job can be done any more. */
  #end: Error | null = null;

  constructor(workerData: WorkerData) {
    // What says how to read a script on the command line must not be said of a file.
    const execArgv = process.execArgv.filter((argument) => !argument.startsWith('--input-type'));
    this.#worker = new Worker(workerPath(), { workerData, execArgv });
    this.#worker.on('message', (answer: Answer) => this.#take(answer));
    const end = (error: Error) => {
      this.#end ??= error;
      this.#fail(error);
    };
    this.#worker.on('error', end);
    this.#worker.on('exit', (code) => end(new Error(`its thread ended with code ${code}`)));
  }

  run(job: Job, watch: (standing: Standing) => void): Promise<StudyRun> {
    return new Promise((resolve, reject) => {
      this.#waiting = { job, watch, resolve, reject };
      if (this.#end === null) this.#worker.postMessage(job);
      else this.#fail(this.#end);
    });
  }

  #take(answer: Answer): void {
    if ('standing' in answer) this.#waiting?.watch(answer.standing);
    else if ('run' in answer) this.#waiting?.resolve(answer.run);
    else {
      const { message, stack, isUsage } = answer.problem;
      this.#fail(isUsage ? new UsageError(message) : Object.assign(new Error(message), { stack }));
    }
  }

  #fail(error: Error): void {
    const { job, reject } = this.#waiting ?? {};
    if (error instanceof UsageError) reject?.(error);
    else reject?.(new Error(`${job?.name}: ${error.message}`, { cause: error }));
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** The build leaves it there. */
function workerPath(): string {
  const path = packageFolder === null ? null : join(packageFolder, 'dist', 'cli', 'compare', 'worker.js');
  if (path !== null && existsSync(path)) return path;
  throw new UsageError(
    `--jobs 1 is all that ${here} can do: the files of the package are not as they were installed`,
  );
}
