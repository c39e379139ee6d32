import * as format from '../../text/format.js';
import { bar, clearsLines, type Output, ProgressLine, timeLeft } from '../../text/progress-line.js';
import type { Job } from './pool.js';
import type { Study, StudyRun } from './study.js';
import type { Standing } from './train.js';

/** Tells how far a study is. */
export interface Progress {
  /** A part of the study begins: jobs that are left to do. */
  begin(jobs: readonly Job[]): void;
  update(job: Job, standing: Standing): void;
  finish(job: Job, run: StudyRun): void;
  /** A line about something else. */
  note(text: string): void;
  /** Leaves the terminal as it was found. May be called more than once. */
  close(): void;
}

type Metric = Study['metric'];

/**
 * A line that changes on a terminal, a line for each run elsewhere, nothing at all when quiet.
 * @param tell hears several times a second where the study stands, also when quiet.
 */
export function createProgress(
  output: Output,
  quiet: boolean,
  metric: Metric,
  tell: (standing: string) => void = () => {},
): Progress {
  const line = !quiet && clearsLines(output) ? new ProgressLine(output) : null;
  const print = (text: string) => {
    if (!quiet) line === null ? output.write(`${text}\n`) : line.print(text);
  };
  let work = new Work([]);
  return {
    begin(jobs) {
      work = new Work(jobs);
      if (jobs.length > 0) tell(work.inWords());
    },
    update(job, standing) {
      work.update(job, standing.share);
      tell(work.inWords());
      line?.show([
        `[${work.done}/${work.all}]`,
        bar(work.share),
        ...work.left(),
        ...figures(job, standing, metric),
      ]);
    },
    finish(job, run) {
      work.finish(job);
      tell(work.inWords());
      print(`${work.place()} ${job.name}: ${resultInWords(run, metric)}`);
    },
    note: (text) => print(text),
    close: () => line?.clear(),
  };
}

/** How much of the jobs is done; each counts by its rows, which all see alike, or by its limit. */
class Work {
  readonly all: number;
  done = 0;
  readonly #noun: string;
  readonly #weights: ReadonlyMap<Job, number>;
  readonly #total: number;
  readonly #running = new Map<Job, number>();
  #finished = 0;
  readonly #started = performance.now();

  constructor(jobs: readonly Job[]) {
    this.all = jobs.length;
    this.#noun = jobs[0]?.rows === 'validation' ? 'trials' : 'runs';
    this.#weights = new Map(jobs.map((job) => [job, job.task.limit ?? 1]));
    this.#total = [...this.#weights.values()].reduce((sum, weight) => sum + weight, 0);
  }

  get share(): number {
    const running = [...this.#running].reduce((sum, [job, share]) => sum + share * this.#weightOf(job), 0);
    return this.#total === 0 ? 0 : Math.min(1, (this.#finished + running) / this.#total);
  }

  update(job: Job, share: number): void {
    this.#running.set(job, share);
  }

  finish(job: Job): void {
    this.done++;
    this.#running.delete(job);
    this.#finished += this.#weightOf(job);
  }

  left(): string[] {
    return timeLeft(this.share, performance.now() - this.#started);
  }

  place(): string {
    return `[${String(this.done).padStart(String(this.all).length)}/${this.all}]`;
  }

  /** `3 of 30 runs, 1:23 min left` */
  inWords(): string {
    return [`${this.done} of ${this.all} ${this.#noun}`, ...this.left()].join(', ');
  }

  #weightOf(job: Job): number {
    return this.#weights.get(job) ?? 0;
  }
}

const metricInWords = (value: number, metric: Metric, digits: number) =>
  metric === 'accuracy' ? format.percent(value, digits) : `R² ${value.toFixed(3)}`;

function figures({ name }: Job, { loss, metric: value }: Standing, metric: Metric): string[] {
  const told = loss === null ? name : `${name}: loss ${format.loss(loss)}`;
  return [told, `test ${metricInWords(value, metric, 1)}`];
}

function resultInWords({ evaluations, divergedAt, seconds }: StudyRun, metric: Metric): string {
  const last = evaluations.at(-1);
  if (divergedAt !== null || last === undefined) return `diverged at step ${format.count(divergedAt ?? 0)}`;
  const { trainLoss, testMetric } = last;
  const ended = `loss ${format.loss(trainLoss)}, test ${metricInWords(testMetric, metric, 2)}`;
  return `${ended}, ${format.duration(seconds)}`;
}
