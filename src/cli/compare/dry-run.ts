import { threads, useThreads } from '../../index.js';
import * as format from '../../text/format.js';
import { renderTable } from '../../text/table.js';
import { terminalWidth } from '../../text/wrap.js';
import { openOptimizers } from './design.js';
import { optimizerOf } from './optimizers.js';
import type { CompareOptions } from './options.js';
import type { StudyPlan } from './plan.js';
import { taskOf } from './request.js';
import { lanesOf } from './run-study.js';
import { RunStore } from './store.js';
import type { Configuration, Settings } from './study.js';
import { evaluationsOf, stepsOf, train } from './train.js';
import { roundsOf, trialSettings } from './tune.js';

/** What a run would take. */
interface Estimate {
  readonly configuration: Configuration;
  readonly steps: number;
  readonly seconds: number;
  /** Seeds of which no run is in the store yet. */
  readonly left: number;
}

/** Steps that are timed. */
const TIMED = { few: 3, more: 100 } as const;

/** What takes less than this, in seconds, is timed with more steps. */
const SOON = 0.5;

/** What would be run, and how long it would take by a few steps of each kind. */
export async function dryRun(
  plan: StudyPlan,
  options: Pick<CompareOptions, 'jobs' | 'store' | 'tune' | 'base' | 'entries' | 'rates'>,
): Promise<string> {
  const all = plan.configurations.length * plan.seeds.length;
  const inAll = threads();
  const { lanes, each } = lanesOf(all, options.jobs, inAll);
  useThreads(each);
  const clock = new Clock(plan);
  const estimates = await estimatesOf(plan, clock, new RunStore(options.store));
  const search = options.tune === null ? '' : await searchInWords(plan, options, options.tune, clock, lanes);
  useThreads(inAll);
  const left = sumOf(estimates, (estimate) => estimate.left);
  const seconds = sumOf(estimates, (estimate) => estimate.left * estimate.seconds) / lanes;
  const done = left === all ? '' : `, of which ${all - left} are done already`;
  return `${tableOf(estimates)}\n${search}${format.counted(all, 'run')}${done}: about ${format.duration(seconds)}, ${lanes} at a time.\n`;
}

const sumOf = (estimates: readonly Estimate[], value: (estimate: Estimate) => number) =>
  estimates.reduce((sum, estimate) => sum + value(estimate), 0);

function tableOf(estimates: readonly Estimate[]): string {
  return renderTable<Estimate>(
    [
      { title: 'configuration', align: 'left', text: ({ configuration }) => configuration.name },
      { title: 'rate', align: 'right', text: ({ configuration }) => format.rate(configuration.settings.lr) },
      { title: 'steps', align: 'right', text: ({ steps }) => format.count(steps) },
      { title: 'time of a run', align: 'right', text: ({ seconds }) => `≈ ${format.duration(seconds)}` },
      { title: 'runs left', align: 'right', text: ({ left }) => String(left) },
    ],
    estimates,
    terminalWidth(process.stdout),
  );
}

async function estimatesOf(plan: StudyPlan, clock: Clock, store: RunStore): Promise<Estimate[]> {
  const estimates: Estimate[] = [];
  for (const configuration of plan.configurations) {
    const { id, name, settings } = configuration;
    const isLeft = (seed: number) =>
      store.read(taskOf({ id, name, settings, seed }, plan, plan.data)) === null;
    estimates.push({
      configuration,
      steps: stepsOf({ settings, epochs: plan.epochs, limit: null }, plan.data.train.rows),
      seconds: await clock.secondsOf(settings),
      left: plan.seeds.filter(isLeft).length,
    });
  }
  return estimates;
}

/** How many trials come before the study. Which of them are done already, none knows before their results. */
async function searchInWords(
  plan: StudyPlan,
  options: Pick<CompareOptions, 'base' | 'entries' | 'rates'>,
  count: number,
  clock: Clock,
  lanes: number,
): Promise<string> {
  const rounds = roundsOf(count);
  const trials = rounds.reduce((sum, { rates }) => sum + rates, 0);
  const wholes = rounds.reduce((sum, { rates, part }) => sum + rates * part, 0);
  const optimizers = openOptimizers(options.entries, options.base, options.rates);
  let seconds = 0;
  for (const optimizer of optimizers) {
    seconds +=
      wholes * (await clock.secondsOf(trialSettings(plan, options, optimizer, optimizerOf(optimizer).lr)));
  }
  return `${format.counted(optimizers.length * trials, 'trial')} to choose rates: about ${format.duration(seconds / lanes)} at most. `;
}

/** How long runs take, by a few steps of each kind. */
class Clock {
  readonly #plan: StudyPlan;
  readonly #known = new Map<string, number>();

  constructor(plan: StudyPlan) {
    this.#plan = plan;
  }

  async secondsOf(settings: Settings): Promise<number> {
    const key = costOf(settings);
    const seconds = this.#known.get(key) ?? (await this.#measure(settings));
    this.#known.set(key, seconds);
    return seconds;
  }

  /** By the first steps: by more where a few are soon done, for the very first are slower. */
  async #measure(settings: Settings): Promise<number> {
    const { epochs, data } = this.#plan;
    const few = await this.#timed(settings, TIMED.few);
    const { step, evaluation } = few.whole < SOON ? await this.#timed(settings, TIMED.more) : few;
    const steps = stepsOf({ settings, epochs, limit: null }, data.train.rows);
    return steps * step + evaluationsOf({ settings, epochs }, data).size * evaluation;
  }

  /** Seconds that a step and an evaluation take, and all of it. */
  async #timed(settings: Settings, limit: number) {
    const { seeds, data } = this.#plan;
    const request = { id: '', name: '', settings, seed: seeds[0], limit };
    const start = performance.now();
    const run = await train(taskOf(request, this.#plan, data), data, () => {});
    const whole = (performance.now() - start) / 1000;
    return {
      whole,
      // A run that diverged at once has none.
      step: run.seconds / Math.max(1, run.steps),
      evaluation: (whole - run.seconds) / Math.max(1, run.evaluations.length),
    };
  }
}

/** What decides how long a step takes. */
function costOf({ lr: _, warmup: __, init: ___, ...settings }: Settings): string {
  return JSON.stringify(settings);
}
