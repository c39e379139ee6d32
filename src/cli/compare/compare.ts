import { VERSION } from '../../core/version.js';
import { currentTarget, diagnose, threads } from '../../index.js';
import * as format from '../../text/format.js';
import { renderTable } from '../../text/table.js';
import { terminalWidth } from '../../text/wrap.js';
import { commandLine, save } from '../files.js';
import type { Values } from '../flags.js';
import { chooseKernels } from '../kernels.js';
import { machine } from '../machine.js';
import { loadAssets } from '../report/assets.js';
import { renderReport } from '../report/html.js';
import { resultColumns } from './columns.js';
import { buildNetwork, describeNetwork } from './network.js';
import { type compareFlags, compareOptions } from './options.js';
import { type Plan, planComparison } from './plan.js';
import { createProgress, type Progress } from './progress.js';
import type { Comparison, RunResult } from './result.js';
import { train } from './train.js';

/** `lockstep compare`. @throws UsageError or DataError before anything is written. */
export async function compare(flags: Values<typeof compareFlags>, args: readonly string[]): Promise<void> {
  const options = compareOptions(flags);
  chooseKernels(options);
  const assets = loadAssets();
  const plan = await planComparison(options);

  const progress = createProgress(process.stderr, options.quiet);
  const stop = () => {
    progress.close();
    process.stderr.write('stopped; nothing was written\n');
    process.exit(130);
  };
  process.once('SIGINT', stop);
  progress.note(introduction(plan));
  const comparison = describe(plan, args, await trainAll(plan, progress));
  progress.close();
  process.off('SIGINT', stop);

  const columns = resultColumns(comparison.goalAccuracy);
  process.stdout.write(renderTable(columns, comparison.runs, terminalWidth(process.stdout)));
  if (options.json !== null) save(options.json, '--json', `${JSON.stringify(comparison)}\n`);
  if (save(options.out, '--out', renderReport(comparison, assets))) {
    process.stdout.write(`report: ${options.out}\n`);
  }
}

async function trainAll({ runs, conditions }: Plan, progress: Progress): Promise<RunResult[]> {
  const results: RunResult[] = [];
  for (const [index, run] of runs.entries()) {
    const stage = { name: run.name, number: index + 1, of: runs.length };
    const result = await train(run, conditions, (standing) => progress.update(stage, standing));
    progress.finish(stage, result);
    results.push(result);
  }
  return results;
}

function introduction({ note, conditions, runs }: Plan): string {
  const { split, epochs, batch } = conditions;
  const what = `${format.counted(runs.length, 'run')} on ${split.train.name}`;
  const passes = `${format.counted(epochs, 'pass', 'passes')} over ${format.count(split.train.rows)} rows`;
  const how = `${currentTarget()} kernels on ${format.counted(threads(), 'thread')}`;
  const passedOver = diagnose().loadErrors.filter(({ isNamed }) => isNamed);
  return [
    ...(note === null ? [] : [note]),
    ...passedOver.map((error) => `LOCKSTEP_BINARY is not used: ${error.path}: ${error.message}`),
    ...(currentTarget() === 'typescript'
      ? ['without native kernels this takes long; lockstep doctor tells why']
      : []),
    `${what}: ${passes} in batches of ${batch}, ${how}`,
  ].join('\n');
}

function describe({ conditions }: Plan, args: readonly string[], runs: readonly RunResult[]): Comparison {
  const { split, network, epochs, batch, seed, goalAccuracy } = conditions;
  const parameters = buildNetwork(network, seed).parameters();
  return {
    version: VERSION,
    date: new Date().toISOString(),
    command: commandLine('compare', args),
    machine: machine(),
    target: currentTarget(),
    threads: threads(),
    seed,
    data: {
      name: split.train.name,
      trainRows: split.train.rows,
      testRows: split.test.rows,
      columns: split.train.columns,
      classes: split.train.classes,
    },
    network: {
      layers: describeNetwork(network),
      parameters: parameters.reduce((sum, { size }) => sum + size, 0),
    },
    epochs,
    batch,
    goalAccuracy,
    runs,
  };
}
