import { type Column, renderTable } from '../../src/text/table.js';
import type { Acceptance, Case } from '../area.js';
import { ratio, type Timing } from '../measure.js';
import type { LibraryName } from './libraries.js';

export const OWN = 'lockstep';
const PEERS: readonly LibraryName[] = ['OpenBLAS', 'oneDNN', 'BLIS'];

function timingOf({ timings }: Case, name: string, threads: number): Timing | undefined {
  return timings.find(({ contender }) => contender.name === name && contender.threads === threads);
}

/** How much faster we are than the peer, the median over the rounds; undefined where one of the two is absent. */
function against(one: Case, peer: string, threads: number): number | undefined {
  const [own, other] = [timingOf(one, OWN, threads), timingOf(one, peer, threads)];
  return own && other && ratio(own, other).median;
}

/** One line a product: our GFLOP/s, then ratios to the others on the same number of threads. */
export function productTable(cases: readonly Case[], threads: readonly number[]): string {
  const columns: Column<Case>[] = [
    { title: 'product', align: 'left', text: ({ name }) => name },
    ...threads.flatMap((count): Column<Case>[] => [
      {
        title: `GFLOP/s x${count}`,
        align: 'right',
        text: (one) => {
          const speed = timingOf(one, OWN, count)?.speed.median;
          return speed === undefined ? '-' : (speed / 1e9).toPrecision(3);
        },
      },
      ...PEERS.map(
        (peer): Column<Case> => ({
          title: `/${peer}`,
          align: 'right',
          text: (one) => against(one, peer, count)?.toFixed(2) ?? '-',
        }),
      ),
    ]),
  ];
  return renderTable(columns, cases);
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

const threadText = (count: number) => (count === 1 ? '1 thread' : `${count} threads`);

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
