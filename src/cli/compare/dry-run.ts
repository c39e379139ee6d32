import { threads, useThreads } from '../../index.js';
import * as format from '../../text/format.js';
import { renderTable } from '../../text/table.js';
import { terminalWidth } from '../../text/wrap.js';
import type { CompareOptions } from './options.js';
import type { StudyPlan } from './plan.js';
import { taskOf } from './request.js';
import { lanesOf } from './run-study.js';
import { RunStore } from './store.js';
import type { Configuration, Settings } from './study.js';
import { evaluationsOf, stepsOf, train } from './train.js';

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

/** What would be run, and how long it would take by a few steps of each kind. Trials of a search are not in it. */
export async function dryRun(
  plan: StudyPlan,
  { jobs, store, tune }: Pick<CompareOptions, 'jobs' | 'store' | 'tune'>,
): Promise<string> {
  const all = plan.configurations.length * plan.seeds.length;
  const { lanes, each } = lanesOf(jobs);
  const atATime = Math.min(lanes, all);
  const before = threads();
  useThreads(atATime > 1 ? each : before);
  const estimates = await estimatesOf(plan, new RunStore(store));
  useThreads(before);
  const left = estimates.reduce((sum, estimate) => sum + estimate.left, 0);
  const seconds = estimates.reduce((sum, estimate) => sum + estimate.left * estimate.seconds, 0) / atATime;
  const table = renderTable(
    [
      { title: 'configuration', align: 'left', text: ({ configuration }) => configuration.name },
      { title: 'rate', align: 'right', text: ({ configuration }) => format.rate(configuration.settings.lr) },
      { title: 'steps', align: 'right', text: ({ steps }) => format.count(steps) },
      {
        title: 'time of a run',
        align: 'right',
        text: (estimate) => `≈ ${format.duration(estimate.seconds)}`,
      },
      { title: 'runs left', align: 'right', text: (estimate) => String(estimate.left) },
    ],
    estimates,
    terminalWidth(process.stdout),
  );
  const done = left === all ? '' : `, of which ${all - left} are done already`;
  const search = tune === null ? '' : ' The search for rates comes before it.';
  return `${table}\n${format.counted(all, 'run')}${done}: about ${format.duration(seconds)}, ${atATime} at a time.${search}\n`;
}

async function estimatesOf(plan: StudyPlan, store: RunStore): Promise<Estimate[]> {
  const known = new Map<string, number>();
  const estimates: Estimate[] = [];
  for (const configuration of plan.configurations) {
    const { id, name, settings } = configuration;
    const seconds = known.get(costOf(settings)) ?? (await secondsOf(plan, configuration));
    known.set(costOf(settings), seconds);
    const left = plan.seeds.filter(
      (seed) => store.read(taskOf({ id, name, settings, seed }, plan, plan.data)) === null,
    );
    estimates.push({
      configuration,
      steps: stepsOf({ settings, epochs: plan.epochs, limit: null }, plan.data.train.rows),
      seconds,
      left: left.length,
    });
  }
  return estimates;
}

/** What has the same cost. */
function costOf({ lr: _, warmup: __, init: ___, ...settings }: Settings): string {
  return JSON.stringify(settings);
}

/** The time of a run by that of its first steps: of more where a few are soon done, for the very first are slower. */
async function secondsOf(plan: StudyPlan, configuration: Configuration): Promise<number> {
  const few = await timed(plan, configuration, TIMED.few);
  const { step, evaluation } = few.whole < SOON ? await timed(plan, configuration, TIMED.more) : few;
  const { settings } = configuration;
  const steps = stepsOf({ settings, epochs: plan.epochs, limit: null }, plan.data.train.rows);
  const { size } = evaluationsOf({ settings, epochs: plan.epochs }, plan.data);
  return steps * step + size * evaluation;
}

/** Seconds that a step and an evaluation take, and all of it. */
async function timed(plan: StudyPlan, { id, name, settings }: Configuration, limit: number) {
  const request = { id, name, settings, seed: plan.seeds[0], limit };
  const start = performance.now();
  const run = await train(taskOf(request, plan, plan.data), plan.data, () => {});
  const whole = (performance.now() - start) / 1000;
  return {
    whole,
    // A run that diverged at once has none.
    step: run.seconds / Math.max(1, run.steps),
    evaluation: (whole - run.seconds) / Math.max(1, run.evaluations.length),
  };
}
