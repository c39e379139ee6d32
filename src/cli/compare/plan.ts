import { type Module, noGrad, tensor } from '../../nn/index.js';
import { UsageError } from '../errors.js';
import { loadData, type StudyData } from './data.js';
import { type Base, configurationOf, type Entry, factorsAmong } from './design.js';
import { buildNetwork, structureOf } from './network.js';
import { optimizerOf } from './optimizers.js';
import type { CompareOptions } from './options.js';
import type { Configuration, Factor, Settings } from './study.js';

/** A study that can begin. */
export interface StudyPlan {
  readonly data: StudyData;
  /** What the user should know about the choice of the data. */
  readonly note: string | null;
  readonly base: Settings;
  readonly factors: readonly Factor[];
  /** With the rates that are known before any search. */
  readonly configurations: readonly Configuration[];
  readonly epochs: number;
  readonly seeds: readonly number[];
  readonly goal: number;
}

const MNIST_EPOCHS = 6;
const SMALL_STEPS = 2000;

/** From so many rows on, the larger batch suits. */
const MANY_ROWS = 10_000;
const BATCHES = { many: 128, few: 32 } as const;

const GOALS = { classification: 0.97, regression: 0.9 } as const;

/** Reads the data and settles what the options left open. @throws UsageError or DataError. */
export async function planStudy(options: CompareOptions): Promise<StudyPlan> {
  const { data, note } = await loadData(options.data);
  const { base, configurations } = settle(options, data);
  checkDistinctSettings(configurations);
  await checkConfigurations(configurations, data);
  const { rows } = data.train;
  const isMnist = data.columns === 784 && rows === 60_000;
  const batch = base.batch === 'full' ? rows : base.batch;
  return {
    data,
    note,
    base,
    factors: options.factors ?? factorsAmong(configurations),
    configurations,
    epochs: options.epochs ?? (isMnist ? MNIST_EPOCHS : Math.ceil(SMALL_STEPS / Math.ceil(rows / batch))),
    seeds: Array.from({ length: options.seeds }, (_, index) => options.seed + index),
    goal: options.goal ?? GOALS[data.kind],
  };
}

/** The base and the configurations that are asked for, with the rates that a search found for their optimizers. */
export function settle(
  { entries, base, rates }: Pick<CompareOptions, 'entries' | 'base' | 'rates'>,
  data: Pick<StudyData, 'columns' | 'train'>,
  found?: ReadonlyMap<string, number>,
): { base: Settings; configurations: Configuration[] } {
  const settled = (entry: Entry) =>
    configurationOf(entry, baseFor({ ...base, ...networkIn(entry.change) }, data), rates, found);
  return {
    base: settled({ id: '', name: '', change: {} }).settings,
    configurations: entries.map(settled),
  };
}

const networkIn = ({ network }: Partial<Settings>) => (network === undefined ? {} : { network });

/** What is not said: by the network and the data. */
export function baseFor(
  said: Partial<Settings>,
  { columns, train: { rows } }: Pick<StudyData, 'columns' | 'train'>,
): Base {
  const { network = 'mlp' } = said;
  return {
    network,
    ...structureOf(network, columns),
    activation: 'relu',
    init: 'default',
    optimizer: 'adam',
    warmup: 'none',
    batch: Math.min(rows, rows >= MANY_ROWS ? BATCHES.many : BATCHES.few),
    ...said,
  };
}

function checkDistinctSettings(configurations: readonly Configuration[]): void {
  for (const [index, { settings, name }] of configurations.entries()) {
    const other = configurations.findIndex(
      (one) => JSON.stringify(one.settings) === JSON.stringify(settings),
    );
    if (other !== index) {
      throw new UsageError(`${configurations[other].name} and ${name} are the same settings`);
    }
  }
}

/** Tries each network on two rows, and each optimizer on its parameters: what cannot be is told before anything is trained. */
async function checkConfigurations(configurations: readonly Configuration[], data: StudyData): Promise<void> {
  const tried = new Set<string>();
  for (const { name, settings } of configurations) {
    checkBatch(settings, data);
    const { lr: _, warmup: __, batch: ___, ...structure } = settings;
    const key = JSON.stringify(structure);
    if (tried.has(key)) continue;
    tried.add(key);
    try {
      const network = await buildNetwork(settings, data, 0);
      optimizerOf(settings.optimizer).create(network.parameters(), settings.lr, 1);
      checkOutput(network, data);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      if (error instanceof RangeError || error instanceof TypeError) {
        throw new UsageError(`${name}: ${error.message}`);
      }
      throw error;
    }
  }
}

/** @throws UsageError where there are not as many rows. */
export function checkBatch({ batch, norm }: Settings, { train: { rows } }: StudyData): void {
  if (batch !== 'full' && batch > rows) {
    throw new UsageError(`--batch ${batch} is more than the ${rows} rows to learn from`);
  }
  if (batch === 1 && norm === 'batch') {
    throw new UsageError('batches of one row have no statistics: take another --norm or a larger --batch');
  }
}

function checkOutput(network: Module, { columns, classes, train }: StudyData): void {
  const rows = Math.min(2, train.rows);
  const { shape } = noGrad(() =>
    network.forward(tensor(train.features.slice(0, rows * columns), [rows, columns])),
  );
  if (shape.length !== 2 || shape[0] !== rows || shape[1] !== classes) {
    throw new UsageError(
      `the network must give [rows, ${classes}] for rows [rows, ${columns}], got [${shape.join(', ')}] for ${rows} rows`,
    );
  }
}
