import { resolve } from 'node:path';
import { show } from '../../core/validate.js';
import { UsageError } from '../errors.js';
import { checkWritable } from '../files.js';
import {
  type Flag,
  integer,
  names,
  positiveNumber,
  text,
  toggle,
  unknownName,
  type Values,
} from '../flags.js';
import { runIds } from './runs.js';

/** The rates of the command line: one for all runs, or by run. */
export type Rates = ReadonlyMap<string, number> | number;

const rates: Flag<Rates> = {
  placeholder: 'rate',
  help: 'Learning rate of every run, or of single ones: adam=0.002,sgd=0.1. Default: each run’s own.',
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

/** As far as the batches' random numbers reach. */
const MOST_EPOCHS = 1_000_000;

const DEFAULT_REPORT = 'lockstep-report.html';

export const compareFlags = {
  data: text(
    'file',
    'A CSV file with a header line and numeric columns, or mnist, or spirals. Default: mnist where it is installed, else spirals.',
  ),
  label: text('column', 'The column of the CSV file that holds the class of each row.'),
  optimizers: names(
    'names',
    runIds,
    `Which runs, separated by commas. Default: all of ${runIds.join(', ')}.`,
  ),
  epochs: integer(
    'n',
    [1, MOST_EPOCHS],
    'Passes over the training rows. Default: 6 for MNIST; else enough for about 2,000 steps.',
  ),
  batch: integer('rows', [1, Number.MAX_SAFE_INTEGER], 'Rows in a batch. Default: 128 for MNIST, else 32.'),
  lr: rates,
  warmup: integer(
    'steps',
    [0, Number.MAX_SAFE_INTEGER],
    'Let every optimizer’s rate grow over the first steps; also the length of momentum-large-gradual’s warm-up. Default: none, and a tenth of the steps.',
  ),
  seed: integer(
    'n',
    [0, Number.MAX_SAFE_INTEGER],
    'Decides the first weights, the batches and the split of a CSV file. Default: 0.',
  ),
  out: text('file', `Where to write the report. Default: ${DEFAULT_REPORT}.`),
  json: text('file', 'Also write all results as JSON.'),
  quiet: toggle('Print nothing but the table at the end.'),
  threads: integer('n', [1, 1024], 'Threads to compute with. Default: as many as the process may use.'),
  target: text(
    'name',
    'Which kernels compute; lockstep doctor lists those that run here. Default: the fastest.',
  ),
} as const;

/** What a comparison is asked to do; `null` where it shall decide by the data. */
export interface CompareOptions {
  readonly data: string | null;
  readonly label: string | null;
  readonly optimizers: readonly string[];
  readonly epochs: number | null;
  readonly batch: number | null;
  readonly rates: Rates | null;
  readonly warmup: number | null;
  readonly seed: number;
  readonly out: string;
  readonly json: string | null;
  readonly quiet: boolean;
  readonly threads: number | null;
  readonly target: string | null;
}

/** Data sets that need no file of the user's. */
export const BUILT_IN = ['mnist', 'spirals'] as const;

/** The options that the flags amount to. @throws UsageError where they contradict each other or a file cannot be written. */
export function compareOptions(flags: Values<typeof compareFlags>): CompareOptions {
  const { data = null, label = null, json = null, out = DEFAULT_REPORT } = flags;
  const ownFile = checkData(data, label);
  checkWritable(out, '--out');
  if (json !== null) checkWritable(json, '--json');
  checkDistinct([
    ['--data', ownFile],
    ['--out', out],
    ['--json', json],
  ]);
  const optimizers = flags.optimizers ?? runIds;
  checkRates(flags.lr, optimizers);
  return {
    data,
    label,
    optimizers,
    epochs: flags.epochs ?? null,
    batch: flags.batch ?? null,
    rates: flags.lr ?? null,
    warmup: flags.warmup ?? null,
    seed: flags.seed ?? 0,
    out,
    json,
    quiet: flags.quiet ?? false,
    threads: flags.threads ?? null,
    target: flags.target ?? null,
  };
}

/** @returns the file that `--data` names, if any. @throws UsageError where the flags contradict each other. */
export function checkData(data: string | null, label: string | null): string | null {
  const ownFile = data !== null && !BUILT_IN.some((name) => name === data);
  if (ownFile && label === null) {
    throw new UsageError('--data needs --label: the column that holds the class of each row');
  }
  if (!ownFile && label !== null) throw new UsageError('--label is for a CSV file: give one with --data');
  return ownFile ? data : null;
}

/** Nothing may be overwritten by something else of the same command. */
export function checkDistinct(files: readonly (readonly [flag: string, path: string | null])[]): void {
  const flagOf = new Map<string, string>();
  for (const [flag, path] of files) {
    if (path === null) continue;
    const other = flagOf.get(resolve(path));
    if (other !== undefined) throw new UsageError(`${other} and ${flag} name the same file ${show(path)}`);
    flagOf.set(resolve(path), flag);
  }
}

function checkRates(given: Rates | undefined, optimizers: readonly string[]): void {
  if (given === undefined || typeof given === 'number') return;
  for (const id of given.keys()) {
    if (!optimizers.includes(id)) throw new UsageError(`--lr of ${id}: this run is not among --optimizers`);
  }
}
