import { UsageError } from '../errors.js';
import { type Flag, integer, names, positiveNumber, text, toggle, unknownName } from '../flags.js';
import { defaultEntries } from './default-plan.js';
import { factorNamed, factors, readLevel } from './factors.js';
import { optimizerIds } from './optimizers.js';
import type { ImageShape } from './shape.js';
import { DEFAULT_STORE } from './store.js';
import type { Factor, Settings } from './study.js';

/** What `--optimizers` and `--lr` know: all optimizers, and the runs of the default plan. */
export const runIds: readonly string[] = [
  ...new Set([...defaultEntries.map(({ id }) => id), ...optimizerIds]),
];

/** The rates of the command line: one for all runs, or by run or optimizer. */
const rates: Flag<ReadonlyMap<string, number> | number> = {
  placeholder: 'rate',
  help: 'Learning rate of every run, or of single ones: adam=0.002,sgd=0.1. Default: each optimizer’s own.',
  parse(value, flag) {
    if (!value.includes('=')) return positiveNumber(value, flag);
    return new Map(
      value.split(',').map((pair) => {
        const [id, rate = ''] = pair.split('=').map((part) => part.trim());
        if (!runIds.includes(id)) throw new UsageError(`${flag}: ${unknownName(id, runIds)}`);
        return [id, positiveNumber(rate, `${flag} of ${id}`)] as const;
      }),
    );
  },
};

/** Factors and their levels. */
const vary: Flag<readonly Factor[]> = {
  placeholder: 'factor=levels',
  help: `What differs among the runs: one or more of ${Object.keys(factors).join(', ')}, each with levels: activation=relu,tanh residual=yes,no. The first level is that of the base, unless its flag says otherwise.`,
  isList: true,
  parse(value, flag) {
    const found = value
      .split(/\s+/)
      .filter((part) => part !== '')
      .map((part) => {
        const [name, levels] = [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)];
        if (!part.includes('=') || levels === '') {
          throw new UsageError(
            `${flag} must be a factor and its levels, as activation=relu,tanh, got "${part}"`,
          );
        }
        const factor = factorNamed(name, flag);
        return {
          name: factor,
          levels: levels.split(',').map((level) => readLevel(factor, level, `${flag} ${name}`)),
        };
      });
    checkFactors(found, flag);
    return found;
  },
};

/** @throws UsageError where a factor or a level is there twice. */
export function checkFactors(found: readonly Factor[], flag: string): void {
  for (const [index, { name, levels }] of found.entries()) {
    if (found.findIndex((factor) => factor.name === name) !== index) {
      throw new UsageError(`${flag}: ${name} is there twice`);
    }
    const twice = levels.find((level, at) => levels.indexOf(level) !== at);
    if (twice !== undefined) throw new UsageError(`${flag} ${name}: ${JSON.stringify(twice)} is there twice`);
  }
}

/** A flag for the setting of all runs. */
function setting<Name extends keyof Settings>(name: Name, fallback: string): Flag<Settings[keyof Settings]> {
  const { schema, help } = factors[name];
  const placeholder = schema.enum !== undefined ? 'name' : schema.type === 'boolean' ? 'yes|no' : 'level';
  const levels = schema.enum === undefined ? '' : ` One of ${schema.enum.join(', ')}.`;
  return {
    placeholder,
    help: `${help}${levels} Default: ${fallback}.`,
    parse: (value, flag) => readLevel(name, value, flag),
  };
}

const IMAGE = /^(\d+)x(\d+)(?:x(\d+))?$/;

/** Of rows that are images. @throws UsageError */
export function readImage(value: string, flag: string): ImageShape {
  const [, height, width, channels = '1'] = IMAGE.exec(value) ?? [];
  const [h, w, c] = [height, width, channels].map(Number);
  if (h > 0 && w > 0 && c > 0) return { height: h, width: w, channels: c };
  throw new UsageError(
    `${flag} must be height x width, or with channels, as 28x28 or 32x32x3, got "${value}"`,
  );
}

const image: Flag<ImageShape> = {
  placeholder: 'shape',
  help: 'How the columns of a row are an image: 28x28, or with channels, which come last, 32x32x3. Default: 28x28 for 784 columns.',
  parse: readImage,
};

const goal: Flag<number> = {
  placeholder: 'share',
  help: 'The test accuracy (or R², for a regression) whose reaching is timed. Default: 0.97, for a regression 0.9.',
  parse(value, flag) {
    const number = Number(value);
    if (value.trim() !== '' && number > 0 && number <= 1) return number;
    throw new UsageError(`${flag} must be a number in (0, 1], got "${value}"`);
  },
};

const design: Flag<'full' | 'one-at-a-time'> = {
  placeholder: 'name',
  help: 'How --vary combines factors: one-at-a-time, each by itself around the base, or full, all with all. Default: one-at-a-time.',
  parse(value, flag) {
    if (value === 'full' || value === 'one-at-a-time') return value;
    throw new UsageError(`${flag}: ${unknownName(value, ['full', 'one-at-a-time'])}`);
  },
};

/** As far as the batches' random numbers reach. */
const MOST_EPOCHS = 1_000_000;

export const DEFAULT_REPORT = 'lockstep-report.html';

/** A study of fewer can tell nothing apart. */
export const DEFAULT_SEEDS = 3;

export const compareFlags = {
  data: text(
    'file',
    'A CSV file with a header line and numeric columns, a .npy file, a folder with the four IDX files of MNIST or Fashion-MNIST, or mnist, or spirals. Default: mnist where it is installed, else spirals.',
  ),
  label: text(
    'column',
    'The column of the CSV file that holds the class of each row; the .npy file with the classes, or numbers, of the rows.',
  ),
  regression: toggle('The label is a number to be told, not a class.'),
  image,
  optimizers: names(
    'names',
    runIds,
    `Which runs, separated by commas: runs of the default plan (${defaultEntries.map(({ id }) => id).join(', ')}) or other optimizers (${optimizerIds.filter((id) => !defaultEntries.some((entry) => entry.id === id)).join(', ')}). Default: the default plan.`,
  ),
  vary,
  design,
  plan: text(
    'file',
    'A plan in JSON, before which flags come; docs/plan.schema.json of the package tells editors what may be in it.',
  ),
  network: setting('network', 'mlp'),
  model: text(
    'file',
    'A module of your own: its default export is a function of { columns, classes, image, generator, ...settings } that gives a Module for rows [rows, columns].',
  ),
  depth: setting('depth', '2, for resnet 7'),
  width: setting('width', 'by the data and the network'),
  activation: setting('activation', 'relu'),
  init: setting('init', 'default, uniform in ±1/√inputs'),
  norm: setting('norm', 'layer, for cnn none, for resnet batch'),
  residual: setting('residual', 'yes, for cnn no'),
  epochs: integer(
    'n',
    [1, MOST_EPOCHS],
    'Passes over the training rows. Default: 6 for MNIST; else enough for about 2,000 steps.',
  ),
  batch: setting('batch', '128 for 10,000 rows or more, else 32'),
  lr: rates,
  warmup: setting('warmup', 'none'),
  tune: integer(
    'trials',
    [2, 100],
    'Choose the rate of each optimizer by so many trials, on a sixth of the rows to learn from: rates on a logarithmic grid around the optimizer’s own, the better half of which goes on with twice the steps. Default: no search.',
  ),
  seeds: integer(
    'n',
    [1, 1000],
    `Runs of each configuration, with seeds from --seed on. Default: ${DEFAULT_SEEDS}.`,
  ),
  seed: integer(
    'n',
    [0, Number.MAX_SAFE_INTEGER],
    'Decides the first weights, the batches and the split of a table. Default: 0.',
  ),
  goal,
  out: text('file', `Where to write the report. Default: ${DEFAULT_REPORT}.`),
  json: text('file', 'Also write all results as JSON; docs/study.schema.json describes it.'),
  tensorboard: text('folder', 'Also write event files that TensorBoard reads.'),
  from: text('file', 'Make the report anew from the JSON of a study, and train nothing.'),
  serve: toggle('Show the report on 127.0.0.1 while the study runs, as far as it has come.'),
  store: text(
    'folder',
    `Where each run is kept that is done: a study that was stopped goes on, and one with another factor trains what is new. Default: ${DEFAULT_STORE}.`,
  ),
  jobs: integer(
    'n',
    [1, 256],
    'Runs at a time, each on its share of the threads. The weights do not depend on it. Default: one for each thread.',
  ),
  'dry-run': toggle('Show what would be run and how long it would take, and train nothing.'),
  quiet: toggle('Print nothing but the table at the end.'),
  threads: integer('n', [1, 1024], 'Threads to compute with. Default: as many as the process may use.'),
  target: text(
    'name',
    'Which kernels compute; lockstep doctor lists those that run here. Default: the fastest.',
  ),
} as const;
