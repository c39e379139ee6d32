import { type Column, renderTable } from '../../src/text/table.js';
import type { Case } from '../area.js';
import type { Timing } from '../measure.js';
import { comparedText, NOTHING, processorsText, shareText, timingText } from '../text.js';
import { NAMES } from './competitor.js';
import { Findings } from './findings.js';

interface Line {
  readonly name: string;
  readonly threads: number;
  readonly findings: Findings;
}

type Find = (line: Line) => Timing | undefined;

const native: Find = ({ findings, threads }) => findings.timing(NAMES.native, threads);
const loop: Find = ({ findings, threads }) => findings.timing(NAMES.loop, threads);
const pytorch: Find = ({ findings, threads }) => findings.pytorch(threads);
const wasm: Find = ({ findings }) => findings.tfjs('wasm');
const tfjsCpu: Find = ({ findings }) => findings.tfjs('cpu');
const typescript: Find = ({ findings, threads }) =>
  threads === 1 ? findings.timing(NAMES.typescript, 1) : undefined;

const columns: readonly Column<Line>[] = [
  { title: 'step over', align: 'left', text: ({ name }) => name },
  right('threads', (line) => String(line.threads)),
  right('limit', (line) => timingText(loop(line))),
  right('native', (line) => timingText(native(line))),
  right('busy', (line) => processorsText(native(line))),
  right('of limit', (line) => shareText(native(line), loop(line))),
  right('/PyTorch', (line) => comparedText(native(line), pytorch(line))),
  right('busy', (line) => processorsText(pytorch(line))),
  right('of limit', (line) => shareText(pytorch(line), loop(line))),
  right('/wasm', (line) => comparedText(native(line), wasm(line))),
  right('busy', (line) => processorsText(wasm(line))),
  right('TypeScript', (line) => timingText(typescript(line))),
  right('busy', (line) => processorsText(typescript(line))),
  right('/tfjs-cpu', (line) => comparedText(typescript(line), tfjsCpu(line))),
  { title: "PyTorch's way", align: 'left', text: (line) => wayOf(pytorch(line)) },
];

/** One line a case and number of threads: speeds in Gparam/s, and ratios to the peers; TensorFlow.js has one thread. */
export function optimizerTable(cases: readonly Case[], threads: readonly number[]): string {
  const lines = cases.flatMap((one) =>
    threads.map((count) => ({ name: one.name, threads: count, findings: new Findings(one) })),
  );
  return renderTable(columns, lines);
}

function right(title: string, text: (line: Line) => string): Column<Line> {
  return { title, align: 'right', text };
}

function wayOf(timing: Timing | undefined): string {
  return timing === undefined ? NOTHING : timing.contender.name.slice(NAMES.pytorch.length + 1);
}
