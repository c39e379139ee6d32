import { threads, useThreads } from '../../index.js';
import type { StudyData } from './data.js';
import type { CompareOptions } from './options.js';
import { type StudyPlan, settle } from './plan.js';
import { type Job, Pool, type Rows, rowsOf } from './pool.js';
import type { Progress } from './progress.js';
import { type Request, taskOf } from './request.js';
import { RunStore } from './store.js';
import type { Configuration, StudyRun, Trial } from './study.js';
import { tuned } from './tune.js';

/** What a study came to. */
export interface Outcome {
  readonly configurations: readonly Configuration[];
  /** One for each configuration and seed, in this order. */
  readonly runs: readonly StudyRun[];
  readonly trials: readonly Trial[];
}

/** Told of every run of the study that is there, whether it was trained now or before. */
export type Told = (so: Outcome) => void;

/** How many runs go on at a time, and on how many threads each. */
export function lanesOf(jobs: number | null): { lanes: number; each: number } {
  const lanes = jobs ?? threads();
  return { lanes, each: Math.max(1, Math.floor(threads() / lanes)) };
}

/** Trains what the plan says and the store does not have yet: first what rates are chosen by, then the study. */
export async function runStudy(
  plan: StudyPlan,
  options: Pick<CompareOptions, 'jobs' | 'store' | 'tune' | 'entries' | 'base' | 'rates'>,
  progress: Progress,
  told: Told = () => {},
): Promise<Outcome> {
  const worker = new StudyWork(plan, new RunStore(options.store), options.jobs, progress);
  try {
    const search =
      options.tune === null
        ? null
        : await tuned(plan, options, options.tune, (requests) => worker.run('validation', requests));
    const configurations = search === null ? plan.configurations : settle(options, plan.data, search.rates);
    const trials = search?.trials ?? [];
    const done = new Map<string, StudyRun>();
    const inOrder = () =>
      configurations.flatMap(({ id }) => plan.seeds.flatMap((seed) => done.get(`${seed} ${id}`) ?? []));
    // By seed first: all that there is can be compared as early as can be.
    const requests = plan.seeds.flatMap((seed) =>
      configurations.map(({ id, name, settings }) => ({ id, name, settings, seed })),
    );
    await worker.run('study', requests, (run) => {
      done.set(`${run.seed} ${run.configuration}`, run);
      told({ configurations, runs: inOrder(), trials });
    });
    return { configurations, runs: inOrder(), trials };
  } finally {
    await worker.close();
  }
}

class StudyWork {
  readonly #plan: StudyPlan;
  readonly #store: RunStore;
  readonly #jobs: number | null;
  readonly #progress: Progress;
  readonly #dataOf: (rows: Rows) => StudyData;
  #pool: Pool | null = null;

  constructor(plan: StudyPlan, store: RunStore, jobs: number | null, progress: Progress) {
    this.#plan = plan;
    this.#store = store;
    this.#jobs = jobs;
    this.#progress = progress;
    this.#dataOf = rowsOf(plan.data);
  }

  /** @returns the runs of all requests, in their order. `told` hears of each as soon as it is there. */
  async run(
    rows: Rows,
    requests: readonly Request[],
    told: (run: StudyRun) => void = () => {},
  ): Promise<StudyRun[]> {
    const store = this.#store;
    const jobs = requests.map((request) => ({
      task: taskOf(request, this.#plan, this.#dataOf(rows)),
      rows,
      name: `${request.name}, seed ${request.seed}`,
    }));
    const known = jobs.map(({ task }) => store.read(task));
    const left = jobs.filter((_, index) => known[index] === null);
    const kept = jobs.length - left.length;
    if (kept > 0) this.#progress.note(`${kept} of ${jobs.length} runs are there already, in ${store.folder}`);
    for (const run of known) if (run !== null) told(run);
    this.#progress.begin(left);
    const trained = await this.#train(left, told);
    return known.map((run) => run ?? trained.shift()).filter((run) => run !== undefined);
  }

  async #train(jobs: readonly Job[], told: (run: StudyRun) => void): Promise<StudyRun[]> {
    if (jobs.length === 0) return [];
    const progress = this.#progress;
    return this.#poolFor(jobs.length).run(jobs, {
      update: (job, standing) => progress.update(job, standing),
      finish: async (job, run) => {
        await this.#store.write(run);
        progress.finish(job, run);
        told(run);
      },
    });
  }

  #poolFor(count: number): Pool {
    if (this.#pool === null) {
      const { lanes, each } = lanesOf(this.#jobs);
      if (Math.min(lanes, count) > 1) useThreads(each);
      this.#pool = new Pool(this.#plan.data, Math.min(lanes, count));
    }
    return this.#pool;
  }

  async close(): Promise<void> {
    await this.#pool?.close();
  }
}
