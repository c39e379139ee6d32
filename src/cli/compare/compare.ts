import { VERSION } from '../../core/version.js';
import { currentTarget, diagnose, threads } from '../../index.js';
import * as format from '../../text/format.js';
import { commandLine, reasonOf, save } from '../files.js';
import type { Values } from '../flags.js';
import { chooseKernels } from '../kernels.js';
import { machine } from '../machine.js';
import { type Assets, loadAssets } from '../report/assets.js';
import { renderStudy } from '../report/html.js';
import { dryRun } from './dry-run.js';
import type { compareFlags } from './flags.js';
import { type CompareOptions, compareOptions } from './options.js';
import { planStudy, type StudyPlan } from './plan.js';
import { createProgress } from './progress.js';
import { type Outcome, runStudy } from './run-study.js';
import { serveStudy } from './serve.js';
import type { Study } from './study.js';
import { readStudy } from './study-file.js';
import { summary } from './summary.js';
import { writeEventFiles } from './tensorboard.js';

/** `lockstep compare`. @throws UsageError or DataError before anything is written. */
export async function compare(flags: Values<typeof compareFlags>, args: readonly string[]): Promise<void> {
  const options = compareOptions(flags);
  const assets = loadAssets();
  if (flags.from !== undefined) return write(readStudy(flags.from), options, assets);
  chooseKernels(options);
  const plan = await planStudy(options);
  if (options.dryRun) {
    process.stdout.write(await dryRun(plan, options));
    return;
  }
  write(await studied(plan, options, args, assets), options, assets);
}

/** Runs the study, and tells how far it is. */
async function studied(
  plan: StudyPlan,
  options: CompareOptions,
  args: readonly string[],
  assets: Assets,
): Promise<Study> {
  const inAll = threads();
  const whole = (outcome: Outcome) => studyOf(plan, args, inAll, outcome);
  let study = whole({ base: plan.base, configurations: plan.configurations, runs: [], trials: [] });
  const server = options.serve ? await serveStudy({ port: 0, page: () => renderStudy(study, assets) }) : null;
  const progress = createProgress(process.stderr, options.quiet, study.metric, (data) =>
    server?.push({ type: 'progress', data }),
  );
  const stop = () => {
    progress.close();
    process.stderr.write(
      `stopped; what is done is in ${options.store}, and the same command goes on from there\n`,
    );
    process.exit(130);
  };
  process.once('SIGINT', stop);
  try {
    progress.note(introduction(plan));
    // Nobody could find it otherwise, however quiet the study is to be.
    if (server !== null) process.stderr.write(`the report as far as it is: ${server.url}\n`);
    const outcome = await runStudy(plan, options, progress, (soFar) => {
      study = whole(soFar);
      server?.push({ type: 'run', data: study.runs.length });
    });
    study = whole(outcome);
    return study;
  } finally {
    progress.close();
    process.off('SIGINT', stop);
    await server?.close();
  }
}

function write(study: Study, { json, tensorboard, out }: CompareOptions, assets: Assets): void {
  process.stdout.write(summary(study));
  if (json !== null) save(json, '--json', `${JSON.stringify(study)}\n`);
  if (tensorboard !== null) saveEvents(tensorboard, study);
  if (save(out, '--out', renderStudy(study, assets))) process.stdout.write(`report: ${out}\n`);
}

function saveEvents(folder: string, study: Study): void {
  try {
    writeEventFiles(folder, study);
  } catch (error) {
    process.stderr.write(`lockstep: --tensorboard "${folder}" could not be written: ${reasonOf(error)}\n`);
    process.exitCode = 1;
  }
}

function introduction({ note, data, epochs, configurations, seeds }: StudyPlan): string {
  const what = `${format.counted(configurations.length, 'configuration')} with ${format.counted(seeds.length, 'seed')} on ${data.name}`;
  const passes = `${format.counted(epochs, 'pass', 'passes')} over ${format.count(data.train.rows)} rows`;
  const how = `${currentTarget()} kernels on ${format.counted(threads(), 'thread')}`;
  const passedOver = diagnose().loadErrors.filter(({ isNamed }) => isNamed);
  return [
    ...(note === null ? [] : [note]),
    ...passedOver.map((error) => `LOCKSTEP_BINARY is not used: ${error.path}: ${error.message}`),
    ...(currentTarget() === 'typescript'
      ? ['without native kernels this takes long; lockstep doctor tells why']
      : []),
    `${what}: ${passes}, ${how}`,
  ].join('\n');
}

function studyOf(
  { data, factors, epochs, seeds, goal }: StudyPlan,
  args: readonly string[],
  inAll: number,
  outcome: Outcome,
): Study {
  return {
    schema: 1,
    version: VERSION,
    date: new Date().toISOString(),
    command: commandLine('compare', args),
    machine: machine(),
    target: currentTarget(),
    threads: inAll,
    data: {
      name: data.name,
      kind: data.kind,
      trainRows: data.train.rows,
      testRows: data.test.rows,
      columns: data.columns,
      classes: data.classes,
    },
    metric: data.kind === 'classification' ? 'accuracy' : 'r2',
    goal,
    epochs,
    seeds,
    factors,
    ...outcome,
  };
}
