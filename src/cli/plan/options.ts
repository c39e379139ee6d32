import { show } from '../../core/validate.js';
import { UsageError } from '../errors.js';
import { checkWritable } from '../files.js';
import { type Flag, integer, text, type Values } from '../flags.js';
import type { Network, Training } from './model.js';
import { COUNTS, quantity, RATES, SIZES, TIMES } from './quantity.js';

const MOST_RANKS = 1_000_000;

/** The way back takes twice the products of the way forward. */
const BACKWARD_SHARE = 2 / 3;
const BUCKET_MB = 25;
const FOLD_GB = 10;

const backwardShare: Flag<number> = {
  placeholder: 'share',
  help: 'The share of a step during which gradients become ready, and their exchange is hidden; 0 hides nothing. Of m micro-batches a rank only the last one counts: 2/3 divided by m. Default: 2/3, of one micro-batch.',
  parse(value, flag) {
    const [, above = '', below = '1'] = /^(\d+(?:\.\d+)?)(?:\/(\d+))?$/.exec(value) ?? [];
    const share = above === '' ? Number.NaN : Number(above) / Number(below);
    if (share >= 0 && share <= 1) return share;
    throw new UsageError(
      `${flag} must be a number in [0, 1] or a fraction, such as 0.5 or 2/3; got ${show(value)}`,
    );
  },
};

export const planFlags = {
  parameters: quantity({
    placeholder: 'count',
    help: 'How many parameters are trained, such as 100M. Needed.',
    what: 'a number of parameters',
    units: COUNTS,
    example: '100M or 7B',
  }),
  'step-ms': quantity({
    placeholder: 'ms',
    help: 'Milliseconds that one rank computes in a step, however many there are. Needed.',
    what: 'a time in milliseconds',
    units: { '': 1e-3, ms: 1e-3 },
    example: '300',
  }),
  ranks: integer('n', [2, MOST_RANKS], 'How many ranks (processes), each with a link of its own. Needed.'),
  bandwidth: quantity({
    placeholder: 'rate',
    help: 'Of the link of a rank, each way and in a second, such as 25Gbit or 3GB. Needed.',
    what: 'bits or bytes a second',
    units: RATES,
    example: '25Gbit or 3GB',
  }),
  latency: quantity({
    placeholder: 'time',
    help: 'Of the shortest message from one rank to another, as osu_latency measures it, such as 5us. Needed.',
    what: 'a time',
    units: TIMES,
    example: '5us',
    allowsZero: true,
  }),
  overhead: quantity({
    placeholder: 'time',
    help: 'What a rank itself takes of the latency to send a message, and again to receive one. Default: half of the latency, the most that it can be.',
    what: 'a time',
    units: TIMES,
    example: '1us',
    allowsZero: true,
  }),
  'bytes-per-parameter': integer('n', [1, 8], 'Of a gradient as it is sent. Default: 4, float32.'),
  bucket: quantity({
    placeholder: 'size',
    help: `Gradients that are exchanged together, at most. Default: ${BUCKET_MB}MB.`,
    what: 'a size',
    units: SIZES,
    example: `${BUCKET_MB}MB`,
  }),
  fold: quantity({
    placeholder: 'rate',
    help: `What one thread adds to a sum in a second. Default: ${FOLD_GB}GB.`,
    what: 'bits or bytes a second',
    units: RATES,
    example: `${FOLD_GB}GB`,
  }),
  'backward-share': backwardShare,
  json: text('file', 'Also write all numbers as JSON.'),
} as const;

/** What a plan is asked for. */
export interface PlanOptions {
  readonly parameters: number;
  readonly bytesPerParameter: number;
  readonly ranks: number;
  readonly training: Training;
  readonly network: Network;
  readonly json: string | null;
}

/** @throws UsageError where something that is needed is missing, or a file cannot be written. */
export function planOptions(flags: Values<typeof planFlags>): PlanOptions {
  const { json = null, 'bytes-per-parameter': bytesPerParameter = 4 } = flags;
  const parameters = needed(flags.parameters, '--parameters 100M');
  const stepSeconds = needed(flags['step-ms'], '--step-ms 300');
  const ranks = needed(flags.ranks, '--ranks 64');
  const bandwidth = needed(flags.bandwidth, '--bandwidth 25Gbit');
  const latency = needed(flags.latency, '--latency 5us');
  if (!Number.isInteger(parameters)) {
    throw new UsageError(`--parameters must be a whole number of parameters, got ${parameters}`);
  }
  const overhead = flags.overhead ?? latency / 2;
  if (2 * overhead > latency) {
    throw new UsageError(
      `--overhead is a part of --latency at both ends: it must be at most half of its ${latency} s, got ${overhead} s`,
    );
  }
  if (json !== null) checkWritable(json, '--json');
  return {
    parameters,
    bytesPerParameter,
    ranks,
    training: {
      bytes: parameters * bytesPerParameter,
      bucketBytes: flags.bucket ?? BUCKET_MB * SIZES.MB,
      stepSeconds,
      backwardShare: flags['backward-share'] ?? BACKWARD_SHARE,
    },
    network: {
      bandwidth,
      latency,
      overhead,
      fold: flags.fold ?? FOLD_GB * RATES.GB,
    },
    json,
  };
}

function needed(value: number | undefined, example: string): number {
  if (value !== undefined) return value;
  throw new UsageError(`plan needs ${example.split(' ', 1)[0]}, such as ${example}`);
}
