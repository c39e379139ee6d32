import { crossEntropy } from '../../nn/index.js';
import { Optimizer } from '../../optim/index.js';
import * as format from '../../text/format.js';
import { findLearningRate } from '../../train/index.js';
import { loadData } from '../compare/data.js';
import { classification } from '../compare/judge.js';
import { buildNetwork, networkInWords } from '../compare/network.js';
import { optimizerOf } from '../compare/optimizers.js';
import { baseFor, checkBatch } from '../compare/plan.js';
import type { Settings } from '../compare/study.js';
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
  const { data, note } = await loadData(options.data);
  if (note !== null) process.stderr.write(`${note}\n`);
  const { from, to, steps, optimizer: id } = options;
  const { seed } = options.data;
  const { name, lr, create } = optimizerOf(id);
  const settings: Settings = { ...baseFor(options.base, data), optimizer: id, lr };
  checkBatch(settings, data);
  const batch = settings.batch === 'full' ? data.train.rows : settings.batch;
  const model = await buildNetwork(settings, data, seed);
  const optimizer = create(model.parameters(), lr, batch);
  if (!(optimizer instanceof Optimizer)) throw new TypeError('optimizer must be an Optimizer');
  const training = { loss: crossEntropy, optimizer, from, to, steps, batchSize: batch, seed };
  const test = await findLearningRate(model, classification(data).examples(data.train), training);

  const { suggestion, minimum } = test;
  process.stdout.write(
    suggestion === null
      ? 'the loss falls at no rate: try others with --from and --to\n'
      : `${name}: the loss falls fastest at rate ${format.rate(suggestion)}, and is least at ${format.rate(minimum)}\n`,
  );
  if (options.json !== null) save(options.json, '--json', `${JSON.stringify(test)}\n`);
  const page = renderRatePage(test, {
    optimizer: name,
    data: `${data.name}: ${format.count(data.train.rows)} rows to learn from`,
    network: networkInWords(settings),
    training: `${format.counted(test.rates.length, 'step')} of ${format.counted(batch, 'row')}, seed ${seed}`,
    command: commandLine('find-rate', args),
    style,
  });
  if (save(options.out, '--out', page)) process.stdout.write(`plot: ${options.out}\n`);
}
