import { type Column, renderTable } from '../../src/text/table.js';
import type { Case } from '../area.js';
import type { Timing } from '../measure.js';
import type { Spread } from '../statistics.js';
import { ratioText, speedText } from '../text.js';
import { NAMES } from './competitor.js';
import { compare, Findings } from './findings.js';

interface Line {
  readonly name: string;
  readonly findings: Findings;
}

/** One line a case: speeds in Gparam/s, then ratios to the peers on the same number of threads. */
export function optimizerTable(cases: readonly Case[], threads: readonly number[]): string {
  const columns: Column<Line>[] = [
    { title: 'step over', align: 'left', text: ({ name }) => name },
    ...threads.flatMap(nativeColumns),
    speedColumn('TypeScript', (found) => found.timing(NAMES.typescript, 1)),
    ratioColumn('/tfjs-cpu', (found) => compare(found.timing(NAMES.typescript, 1), found.tfjs('cpu'))),
  ];
  return renderTable(
    columns,
    cases.map((one) => ({ name: one.name, findings: new Findings(one) })),
  );
}

function nativeColumns(threads: number): Column<Line>[] {
  const own = (found: Findings) => found.timing(NAMES.native, threads);
  return [
    speedColumn(`native x${threads}`, own),
    ratioColumn('/loop', (found) => compare(own(found), found.timing(NAMES.loop, threads))),
    ratioColumn('/PyTorch', (found) => compare(own(found), found.pytorch(threads))),
    ratioColumn('/wasm', (found) => compare(own(found), found.tfjs('wasm'))),
  ];
}

function speedColumn(title: string, find: (found: Findings) => Timing | undefined): Column<Line> {
  return {
    title,
    align: 'right',
    text: ({ findings }) => {
      const timing = find(findings);
      return timing === undefined ? '-' : speedText(timing.speed);
    },
  };
}

function ratioColumn(title: string, find: (found: Findings) => Spread | undefined): Column<Line> {
  return {
    title,
    align: 'right',
    text: ({ findings }) => {
      const found = find(findings);
      return found === undefined ? '-' : ratioText(found.median);
    },
  };
}
