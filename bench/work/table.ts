import { type Column, renderTable } from '../../src/text/table.js';
import type { Case } from '../area.js';
import { LIMIT, limitText } from '../limits.js';
import { type Line, linesOf, OWN, right } from '../lines.js';
import type { Timing } from '../measure.js';
import { ONNX } from '../peers/onnx.js';
import { PYTORCH } from '../peers/pytorch.js';
import { TFJS_BACKENDS, tfjsName } from '../peers/tfjs.js';
import { comparedText, NOTHING, processorsText, shareText, timingText } from '../text.js';

/** Its kernels alone. */
export const KERNELS = 'kernels';

/** One line a case and number of threads; columns for those peers only that take part. */
export function workTable(cases: readonly Case[], threads: readonly number[], unit: number): string {
  const lines = linesOf(cases, threads);
  const has = (contender: string) => lines.some(({ find }) => find(contender) !== undefined);
  const own = ({ find }: Line) => find(OWN);
  const speed = (name: string): Column<Line>[] => [
    right(name, ({ find }) => timingText(find(name), unit)),
    right('busy', ({ find }) => processorsText(find(name))),
  ];
  const peer = (name: string): Column<Line>[] => [
    ...speed(name),
    right('of limit', ({ find }) => shareText(find(name), find(LIMIT))),
    right(`${OWN} is`, (line) => comparedText(own(line), line.find(name))),
  ];
  const columns: Column<Line>[] = [
    { title: 'step', align: 'left', text: ({ name }) => name },
    right('threads', (line) => String(line.threads)),
    right('limit', ({ find, demand }) => (demand ? limitText(find(LIMIT), demand) : NOTHING)),
    ...speed(OWN),
    right('of limit', ({ find }) => shareText(find(OWN), find(LIMIT))),
    ...(has(KERNELS) ? [right(KERNELS, ({ find }) => timingText(find(KERNELS), unit))] : []),
    ...peer(PYTORCH),
    ...(has(ONNX) ? peer(ONNX) : []),
    ...TFJS_BACKENDS.map(tfjsName).filter(has).flatMap(speed),
    { title: "PyTorch's way", align: 'left', text: ({ find }) => wayOf(find(PYTORCH)) },
  ];
  return renderTable(columns, lines);
}

function wayOf(timing: Timing | undefined): string {
  return timing === undefined ? NOTHING : timing.contender.name.slice(PYTORCH.length + 1);
}
