import { crossEntropy } from '../../nn/index.js';
import { Optimizer } from '../../optim/index.js';
import * as format from '../../text/format.js';
import { examplesOf, findLearningRate } from '../../train/index.js';
import { buildNetwork, describeNetwork, hiddenUnits } from '../compare/network.js';
import { batchOf, loadData } from '../compare/plan.js';
import { runOf } from '../compare/runs.js';
import { commandLine, save } from '../files.js';
import type { Values } from '../flags.js';
import { chooseKernels } from '../kernels.js';
import { loadAssets } from '../report/assets.js';
import { type findRateFlags, findRateOptions } from './options.js';
import { renderRatePage } from './page.js';

/** `lockstep find-rate`. @throws UsageError or DataError before anything is written. */
export async function findRate(flags: Values<typeof findRateFlags>, args: readonly string[]): Promise<void> {
  const options = findRateOptions(flags);
  chooseKernels(options);
  const { style } = loadAssets();
  const { split, note } = await loadData(options);
  if (note !== null) process.stderr.write(`${note}\n`);
  const batch = batchOf(split, options.batch);
  const { seed, from, to, steps } = options;
  const { columns, classes, name } = split.train;
  const shape = { columns, hidden: hiddenUnits(columns), classes };
  const model = buildNetwork(shape, seed);
  const run = runOf(options.optimizer);
  const optimizer = run.create(model.parameters(), run.lr);
  if (!(optimizer instanceof Optimizer)) throw new TypeError('a run must create an Optimizer');
  const training = { loss: crossEntropy, optimizer, from, to, steps, batchSize: batch, seed };
  const test = await findLearningRate(model, examplesOf(split.train), training);

  const { suggestion, minimum } = test;
  process.stdout.write(
    suggestion === null
      ? 'the loss falls at no rate: try others with --from and --to\n'
      : `${run.name}: the loss falls fastest at rate ${format.rate(suggestion)}, and is least at ${format.rate(minimum)}\n`,
  );
  if (options.json !== null) save(options.json, '--json', `${JSON.stringify(test)}\n`);
  const page = renderRatePage(test, {
    optimizer: run.name,
    data: `${name}: ${format.count(split.train.rows)} rows to learn from`,
    network: describeNetwork(shape),
    training: `${format.counted(test.rates.length, 'step')} of ${format.counted(batch, 'row')}, seed ${seed}`,
    command: commandLine('find-rate', args),
    style,
  });
  if (save(options.out, '--out', page)) process.stdout.write(`plot: ${options.out}\n`);
}
