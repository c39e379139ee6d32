import { threads, useThreads } from '../../index.js';
import type { StudyData } from './data.js';
import type { CompareOptions } from './options.js';
import { type StudyPlan, settle } from './plan.js';
import { type Job, Pool, type Rows, rowsOf } from './pool.js';
import type { Progress } from './progress.js';
import { type Request, taskOf } from './request.js';
import { RunStore } from './store.js';
import type { Configuration, Settings, StudyRun, Trial } from './study.js';
import { tuned } from './tune.js';

/** What a study came to. */
export interface Outcome {
  readonly base: Settings;
  readonly configurations: readonly Configuration[];
  /** One for each configuration and seed, in this order. */
  readonly runs: readonly StudyRun[];
  readonly trials: readonly Trial[];
}

/** Told of every run of the study that is there, whether it was trained now or before. */
export type Told = (so: Outcome) => void;

/** How many of these runs go on at a time, and on how many of the threads each. */
export function lanesOf(runs: number, jobs: number | null, all: number): { lanes: number; each: number } {
  const lanes = Math.max(1, Math.min(runs, jobs ?? all));
  return { lanes, each: Math.max(1, Math.floor(all / lanes)) };
}

/** Trains what the plan says and the store does not have yet: first what rates are chosen by, then the study. */
export async function runStudy(
  plan: StudyPlan,
  options: Pick<CompareOptions, 'jobs' | 'store' | 'tune' | 'entries' | 'base' | 'rates'>,
  progress: Progress,
  told: Told = () => {},
): Promise<Outcome> {
  const work = new StudyWork(plan, options, progress);
  const search =
    options.tune === null
      ? null
      : await tuned(plan, options, options.tune, (requests) => work.run('validation', requests));
  const { base, configurations } = search === null ? plan : settle(options, plan.data, search.rates);
  const trials = search?.trials ?? [];
  const done = new Map<string, StudyRun>();
  const inOrder = () =>
    configurations.flatMap(({ id }) => plan.seeds.flatMap((seed) => done.get(`${seed} ${id}`) ?? []));
  // By seed first: all that there is can be compared as early as can be.
  const requests = plan.seeds.flatMap((seed) =>
    configurations.map(({ id, name, settings }) => ({ id, name, settings, seed })),
  );
  await work.run('study', requests, (run) => {
    done.set(`${run.seed} ${run.configuration}`, run);
    told({ base, configurations, runs: inOrder(), trials });
  });
  return { base, configurations, runs: inOrder(), trials };
}

class StudyWork {
  readonly #plan: StudyPlan;
  readonly #store: RunStore;
  readonly #jobs: number | null;
  readonly #progress: Progress;
  readonly #dataOf: (rows: Rows) => StudyData;

  constructor(plan: StudyPlan, { store, jobs }: Pick<CompareOptions, 'jobs' | 'store'>, progress: Progress) {
    this.#plan = plan;
    this.#store = new RunStore(store, (text) => progress.note(text));
    this.#store.prepare();
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
    const all = threads();
    const { lanes, each } = lanesOf(jobs.length, this.#jobs, all);
    useThreads(each);
    const pool = new Pool(this.#plan.data, lanes);
    try {
      return await pool.run(jobs, {
        update: (job, standing) => progress.update(job, standing),
        finish: async (job, run) => {
          await this.#store.write(run);
          progress.finish(job, run);
          told(run);
        },
      });
    } finally {
      await pool.close();
      useThreads(all);
    }
  }
}
