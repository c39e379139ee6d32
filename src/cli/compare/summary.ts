import { createHash } from 'node:crypto';
import * as format from '../../text/format.js';
import { type Column, renderTable } from '../../text/table.js';
import { terminalWidth, wrap } from '../../text/wrap.js';
import { differences } from '../report/differences.js';
import { findings } from '../report/findings.js';
import { percentOr } from '../report/numbers.js';
import type { Spread } from '../report/page-types.js';
import { type Standing, standings } from '../report/standings.js';
import type { Study, StudyRun } from './study.js';

/** Lines longer than this are hard to read. */
const WIDEST = 120;

/** The results in a terminal: a line for each configuration, medians over the seeds with their intervals, and what they say. */
export function summary(study: Study): string {
  const lines = study.configurations.flatMap(
    ({ id }) => standings(study).find(({ configuration }) => configuration.id === id) ?? [],
  );
  const width = terminalWidth(process.stdout);
  const said = findings(study, differences(study)).flatMap((sentence) => wrap(sentence, width ?? WIDEST));
  return `${renderTable(columnsOf(study), lines, width)}\n${said.join('\n')}\n`;
}

function columnsOf({ metric, goal }: Study): readonly Column<Standing>[] {
  const share = percentOr(metric);
  const reached = metric === 'accuracy' ? format.percent(goal, 0) : String(goal);
  const right = (title: string, spread: (standing: Standing) => Spread, text: (value: number) => string) =>
    ({ title, align: 'right', text: (standing: Standing) => withInterval(spread(standing), text) }) as const;
  const name = metric === 'accuracy' ? 'accuracy' : 'R²';
  return [
    { title: 'configuration', align: 'left', text: ({ configuration }) => configuration.name },
    { title: 'rate', align: 'right', text: ({ configuration }) => format.rate(configuration.settings.lr) },
    right(`test ${name}`, (standing) => standing.testMetric, share),
    right(`train ${name}`, (standing) => standing.trainMetric, share),
    right('test loss', (standing) => standing.testLoss, format.loss),
    {
      title: `steps to ${reached}`,
      align: 'right',
      text: ({ stepsToGoal: { values, median } }) =>
        values.length === 0 ? format.NOTHING : format.count(median),
    },
    { title: 'time', align: 'right', text: ({ seconds }) => format.duration(seconds.median) },
    { title: 'weights', align: 'left', text: ({ runs }) => weightsOf(runs) },
  ];
}

/** `97.85 % (97.80–97.91)` */
function withInterval({ values, median, low, high }: Spread, text: (value: number) => string): string {
  if (values.length === 0) return format.NOTHING;
  if (values.length === 1) return text(median);
  const end = (value: number) => text(value).replace(' %', '');
  return `${text(median)} (${end(low)}–${end(high)})`;
}

/** One hash for the weights of all seeds; of a single one its own. */
function weightsOf(runs: readonly StudyRun[]): string {
  const hashes = runs.map(({ weightsHash }) => weightsHash);
  if (hashes.length === 1) return hashes[0];
  return createHash('sha256').update(hashes.join()).digest('hex').slice(0, 16);
}
