import { nearRanks, RANKS_OF_TWO_LEVELS } from '../../distributed/levels.js';
import * as format from '../../text/format.js';
import { type Column, renderTable } from '../../text/table.js';
import { besides, wrap } from '../../text/wrap.js';
import { bucketsOf, type Estimate, estimate, packageWay, WAYS } from './model.js';
import type { PlanOptions } from './options.js';

/** The numbers of ranks of the short table. */
export const TABLE_RANKS = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] as const;

const MARK = '*';

/** The model, in words and symbols, with the numbers that it was given. */
export function explainModel(
  { parameters, bytesPerParameter, training, network }: PlanOptions,
  width: number,
): string {
  const buckets = bucketsOf(training);
  const bucket = sized(training.bytes / buckets);
  const symbols: readonly (readonly [string, string])[] = [
    [
      'P',
      'ranks, each with a link of its own, both ways at once, to a network that never blocks; they begin together',
    ],
    [
      'n',
      `bytes of gradients in a bucket: ${bucket}, of ${format.counted(buckets, 'bucket')} with ${format.count(parameters)} x ${bytesPerParameter} bytes in all`,
    ],
    ['G', `seconds a byte on a link: 1/${sized(network.bandwidth)}`],
    ['L', `latency of the shortest message: ${timed(network.latency)}`],
    [
      'o',
      `overhead, the part of L in which a rank itself sends, and again receives: ${timed(network.overhead)}`,
    ],
    ['f', `seconds a byte that is added: 1/${sized(network.fold)}`],
    [
      'C, b',
      `what a rank computes in a step: ${timed(training.stepSeconds)}; the share in which gradients become ready: ${format.percent(training.backwardShare, 0)}`,
    ],
  ];
  const formulas: readonly (readonly [string, string])[] = [
    ['S(m, s)', 'L + s G + (m - 1) (o + max(o, s G)), of m messages of s bytes to and from a rank at once'],
    ['ring', '2 (P - 1) S(1, n / P) + F'],
    ['flat', '2 S(P - 1, n / P) + F: all to all, fold, gather'],
    ['two-level', '2 S(k - 1, n / k) + 2 S(q - 1, n / P) + F: the same among k ranks, then among q = P / k'],
    ['', 'F = f n (1 - 1 / P), the additions of a rank, while nothing is sent'],
    [
      'exposed',
      'max(T, B T - (1 - 1 / B) b C) of B buckets of T seconds each: they become ready at equal distances and go one after the other',
    ],
    ['efficiency', 'C / (C + exposed)'],
  ];
  return [
    ...wrap(
      'The model (LogGP, Alexandrov et al. 1995): seconds of a bucket, of which every rank gets the sum.',
      width,
    ),
    '',
    ...rows(symbols, width),
    '',
    ...rows(formulas, width),
    '',
  ].join('\n');
}

function rows(texts: readonly (readonly [string, string])[], width: number): string[] {
  return texts.flatMap(([left, right]) => besides(`  ${left.padEnd(12)}`, right, width));
}

/** What the asked number of ranks takes each way. */
export function renderRanks({ ranks, training, network }: PlanOptions, width: number): string {
  const columns: readonly Column<Estimate>[] = [
    { title: `${format.count(ranks)} ranks`, align: 'left', text: ({ way }) => wayName(way, ranks) },
    { title: 'communication', align: 'right', text: (row) => timed(row.messageSeconds + row.foldSeconds) },
    { title: 'exposed', align: 'right', text: (row) => timed(row.exposedSeconds) },
    { title: 'efficiency', align: 'right', text: ({ efficiency }) => format.percent(efficiency, 1) },
    {
      title: 'as fast as',
      align: 'right',
      text: ({ efficiency }) => `${(ranks * efficiency).toFixed(1)} ranks`,
    },
  ];
  const estimates = WAYS.map((way) => estimate(way, ranks, training, network));
  return renderTable(columns, estimates, width);
}

const wayName = (way: Estimate['way'], ranks: number) => {
  const near = nearRanks(ranks);
  const name = way === 'two-level' && near > 1 && near < ranks ? `two-level, ${near} x ${ranks / near}` : way;
  return way === packageWay(ranks) ? `${name} ${MARK}` : name;
};

/** Communication and efficiency from 2 ranks to 1,024. */
export function renderTableOfRanks({ training, network }: PlanOptions, width: number): string {
  const columns: readonly Column<number>[] = [
    { title: 'ranks', align: 'right', text: format.count },
    ...WAYS.map(
      (way): Column<number> => ({
        title: way,
        align: 'right',
        text(ranks) {
          const { messageSeconds, foldSeconds, efficiency } = estimate(way, ranks, training, network);
          const mark = way === packageWay(ranks) ? MARK : ' ';
          return `${timed(messageSeconds + foldSeconds)} ${format.percent(efficiency, 1).padStart(7)} ${mark}`;
        },
      }),
    ),
  ];
  return renderTable(columns, TABLE_RANKS, width);
}

export const markText = `${MARK} what the package takes: flat below ${RANKS_OF_TWO_LEVELS} ranks and where their number is odd, else two-level; never a ring, for the order of its additions would depend on the ranks.`;

/** `5 µs`, `12.3 ms`, `1.5 s` */
function timed(seconds: number): string {
  if (seconds >= 1) return `${digits(seconds)} s`;
  return seconds >= 1e-3 ? `${digits(seconds * 1e3)} ms` : `${digits(seconds * 1e6)} µs`;
}

/** `25 MB`, `3.13 GB` */
function sized(bytes: number): string {
  if (bytes >= 1e9) return `${digits(bytes / 1e9)} GB`;
  return bytes >= 1e6 ? `${digits(bytes / 1e6)} MB` : `${digits(bytes / 1e3)} kB`;
}

/** At least three digits. */
const digits = (value: number) => (value >= 100 ? format.count(value) : String(Number(value.toPrecision(3))));
