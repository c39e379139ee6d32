import { type Column, renderTable } from '../../src/text/table.js';
import type { Acceptance, Case } from '../area.js';
import { LIMIT, limitText } from '../limits.js';
import { type Line, linesOf, OWN, right } from '../lines.js';
import { fastest, ratio } from '../measure.js';
import { comparedText, NOTHING, processorsText, shareText, threadText, timingText } from '../text.js';
import { type LibraryName, libraryNames } from './libraries.js';

/** How much faster we are than the peer, the median over the rounds; undefined where one of the two is absent or void. */
function against({ timings }: Case, peer: string, threads: number): number | undefined {
  return ratio(fastest(timings, OWN, threads), fastest(timings, peer, threads))?.median;
}

/** One line a product and number of threads: our GFLOP/s, their share of the limit, and ratios to the others. */
export function productTable(cases: readonly Case[], threads: readonly number[]): string {
  const lines = linesOf(cases, threads);
  const columns: Column<Line>[] = [
    { title: 'product', align: 'left', text: ({ name }) => name },
    right('threads', (line) => String(line.threads)),
    right('limit', ({ find, demand }) => (demand ? limitText(find(LIMIT), demand) : NOTHING)),
    right('GFLOP/s', ({ find }) => timingText(find(OWN))),
    right('busy', ({ find }) => processorsText(find(OWN))),
    right('of limit', ({ find }) => shareText(find(OWN), find(LIMIT))),
    ...libraryNames.flatMap((peer) => [
      right(`/${peer}`, ({ find }) => comparedText(find(OWN), find(peer))),
      right('busy', ({ find }) => processorsText(find(peer))),
      right('of limit', ({ find }) => shareText(find(peer), find(LIMIT))),
    ]),
  ];
  return renderTable(columns, lines);
}

/** What the package promises of its products, and what this run says. */
export function judge(cases: readonly Case[], threads: readonly number[]): Acceptance[] {
  const [single, double] = ['sgemm', 'dgemm'].map((routine) =>
    cases.filter(({ name }) => name.startsWith(routine)),
  );
  return threads.flatMap((count) => [
    meanOf('sgemm', single, 'OpenBLAS', count, 1.1),
    meanOf('sgemm', single, 'oneDNN', count, 1),
    worstOf(single, count, 0.9),
    meanOf('dgemm', double, 'OpenBLAS', count, 1),
  ]);
}

function verdict(text: string, measured: number | undefined, least: number): Acceptance {
  if (measured === undefined || Number.isNaN(measured)) return { text, verdict: 'NOT MEASURED' };
  return { text, verdict: measured >= least ? 'PASS' : 'SHORT' };
}

function meanOf(
  routine: string,
  cases: readonly Case[],
  peer: LibraryName,
  threads: number,
  least: number,
): Acceptance {
  const logarithms = cases.map((one) => Math.log(against(one, peer, threads) ?? Number.NaN));
  const mean = Math.exp(logarithms.reduce((sum, x) => sum + x, 0) / logarithms.length);
  const found = Number.isNaN(mean) ? '-' : mean.toFixed(2);
  const text = `${routine}, ${threadText(threads)}: geometric mean ${found} x ${peer} (>= ${least})`;
  return verdict(text, mean, least);
}

/** The shape that comes off worst against the better of OpenBLAS and oneDNN. */
function worstOf(cases: readonly Case[], threads: number, least: number): Acceptance {
  const ratios = cases.flatMap((one) => {
    const [blas, dnn] = [against(one, 'OpenBLAS', threads), against(one, 'oneDNN', threads)];
    return blas === undefined || dnn === undefined ? [] : [{ name: one.name, ratio: Math.min(blas, dnn) }];
  });
  const worst = ratios.sort((a, b) => a.ratio - b.ratio).at(0);
  const found = worst && `${worst.ratio.toFixed(2)} at ${worst.name}`;
  return verdict(
    `sgemm, ${threadText(threads)}: worst shape ${found ?? '-'} x the better of OpenBLAS and oneDNN (>= ${least})`,
    worst?.ratio,
    least,
  );
}
