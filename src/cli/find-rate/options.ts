import { withLevels } from '../compare/design.js';
import { compareFlags } from '../compare/flags.js';
import { singleIds } from '../compare/optimizers.js';
import { checkData, checkDistinct } from '../compare/options.js';
import { UsageError } from '../errors.js';
import { checkWritable } from '../files.js';
import { type Flag, integer, positiveNumber, text, unknownName, type Values } from '../flags.js';

const DEFAULT_REPORT = 'lockstep-rate.html';

const optimizer: Flag<string> = {
  placeholder: 'name',
  help: `Which optimizer: ${singleIds.join(', ')}. Default: adam.`,
  parse(value, flag) {
    if (singleIds.includes(value)) return value;
    throw new UsageError(`${flag}: ${unknownName(value, singleIds)}`);
  },
};

const rate = (help: string): Flag<number> => ({ placeholder: 'rate', help, parse: positiveNumber });

const { data, label, batch, seed, threads, target } = compareFlags;

export const findRateFlags = {
  data,
  label,
  optimizer,
  from: rate('The first rate. Default: 1e-6.'),
  to: rate('The last rate. Default: 10.'),
  steps: integer('n', [2, 1_000_000], 'Steps from the first rate to the last. Default: 200.'),
  batch,
  seed,
  out: text('file', `Where to write the plot. Default: ${DEFAULT_REPORT}.`),
  json: text('file', 'Also write all numbers as JSON.'),
  threads,
  target,
} as const;

/** What the flags amount to. */
export type FindRateOptions = ReturnType<typeof findRateOptions>;

/** @throws UsageError where they contradict each other or a file cannot be written. */
export function findRateOptions(flags: Values<typeof findRateFlags>) {
  const { data = null, label = null, json = null, out = DEFAULT_REPORT, from = 1e-6, to = 10 } = flags;
  const ownFile = checkData(data, label);
  if (!(to > from)) throw new UsageError(`--to must be greater than --from ${from}, got ${to}`);
  checkWritable(out, '--out');
  if (json !== null) checkWritable(json, '--json');
  checkDistinct([
    ['--data', ownFile],
    ['--out', out],
    ['--json', json],
  ]);
  return {
    data: { data, label, regression: false, image: null, seed: flags.seed ?? 0 },
    optimizer: flags.optimizer ?? 'adam',
    from,
    to,
    steps: flags.steps ?? 200,
    base: flags.batch === undefined ? {} : withLevels({}, [['batch', flags.batch]]),
    out,
    json,
    threads: flags.threads ?? null,
    target: flags.target ?? null,
  };
}
