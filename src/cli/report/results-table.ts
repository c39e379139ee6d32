import * as format from '../../text/format.js';
import type { Study } from '../compare/study.js';
import { swatch } from './figures.js';
import { html, type Markup } from './markup.js';
import { percentOr } from './numbers.js';
import type { Spread } from './page-types.js';
import { type Standing, standings } from './standings.js';
import { keyOf } from './study-data.js';

/** A column of the table, which can be sorted by it. */
interface Column {
  readonly id: string;
  readonly title: string;
  readonly spread: (standing: Standing) => Spread;
  readonly text: (value: number) => string;
  /** How the ends of an interval are told; without it none is shown. */
  readonly end?: (value: number) => string;
  /** Which way is better, where one is. */
  readonly best?: 'highest' | 'lowest';
}

function columnsOf({ metric, goal }: Study): readonly Column[] {
  const share = percentOr(metric);
  // The unit stands above.
  const end = (value: number) => share(value).replace(' %', '');
  const name = metric === 'accuracy' ? 'accuracy' : 'R²';
  const reached = metric === 'accuracy' ? format.percent(goal, 0) : String(goal);
  return [
    { id: 'test', title: `test ${name}`, spread: (s) => s.testMetric, text: share, end, best: 'highest' },
    { id: 'train', title: `train ${name}`, spread: (s) => s.trainMetric, text: share, end, best: 'highest' },
    { id: 'gap', title: 'gap', spread: (s) => s.gap, text: share, end },
    {
      id: 'loss',
      title: 'test loss',
      spread: (s) => s.testLoss,
      text: format.loss,
      end: format.loss,
      best: 'lowest',
    },
    {
      id: 'steps',
      title: `steps to ${reached}`,
      spread: (s) => s.stepsToGoal,
      text: format.count,
      end: format.count,
      best: 'lowest',
    },
    {
      id: 'goal',
      title: `time to ${reached}`,
      spread: (s) => s.secondsToGoal,
      text: format.duration,
      best: 'lowest',
    },
    { id: 'time', title: 'time', spread: (s) => s.seconds, text: format.duration },
    { id: 'speed', title: 'samples/s', spread: (s) => s.samplesPerSecond, text: format.count },
  ];
}

/** Medians with their intervals, one line per configuration, the best on the test rows first. */
export function resultsTable(study: Study): Markup {
  const lines = standings(study);
  const columns = columnsOf(study).filter(({ spread }) =>
    lines.some((line) => spread(line).values.length > 0),
  );
  const best = new Map(columns.map((column) => [column, bestOf(column, lines)]));
  const head = columns.map(
    ({ id, title }) =>
      html`<th scope="col" aria-sort="${id === 'test' ? 'descending' : 'none'}"><button type="button" data-sort="${id}">${title}</button></th>`,
  );
  const body = lines.map((line) => {
    const cells = columns.map((column) => cell(column, line, best.get(column) ?? null));
    return html`<tr>${nameCell(line)}${cells}</tr>`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Results"><table id="results">
<thead><tr><th scope="col" aria-sort="none"><button type="button" data-sort="name">configuration</button></th>${head}</tr></thead>
<tbody>${body}</tbody>
</table></div>
<p class="note">${noteOf(
    study,
    columns.some(({ id }) => id === 'gap'),
  )}</p>
<p class="tools"><button type="button" data-table="results">Numbers as CSV</button></p>
${everyRun(study)}`;
}

function noteOf({ seeds }: Study, hasGap: boolean): string {
  const values =
    seeds.length === 1
      ? 'One seed: no interval says how much of a difference is chance.'
      : `Medians over ${format.counted(seeds.length, 'seed')}; below them 95 % bootstrap intervals${seeds.length < 5 ? ', which for fewer than five seeds are from the least to the largest' : ''}.`;
  return `${values} Numbers are those after the last step. A run that diverged counts as a network that learnt nothing.${hasGap ? ' Gap: train less test.' : ''} Time: training alone. Sort by a column’s title; ticked configurations are drawn below.`;
}

function bestOf({ spread, best }: Column, lines: readonly Standing[]): number | null {
  const values = lines.map((line) => spread(line).median).filter(Number.isFinite);
  if (best === undefined || values.length === 0) return null;
  return best === 'highest' ? Math.max(...values) : Math.min(...values);
}

function cell({ spread, text, end }: Column, line: Standing, best: number | null): Markup {
  const { median, low, high, values } = spread(line);
  if (values.length === 0) return html`<td data-value="">${format.NOTHING}</td>`;
  const some =
    values.length < line.runs.length
      ? html` <small>${values.length} of ${line.runs.length} seeds</small>`
      : '';
  const interval =
    values.length > 1 && end !== undefined ? html`<small>${end(low)} – ${end(high)}</small>` : '';
  return html`<td data-value="${median}" data-low="${low}" data-high="${high}"${median === best ? html` class="best"` : ''}>${text(median)}${interval}${some}</td>`;
}

function nameCell({ index, configuration, runs, diverged }: Standing): Markup {
  const { name } = configuration;
  const warning =
    diverged === 0 ? '' : html`<small>${diverged} of ${format.counted(runs.length, 'seed')} diverged</small>`;
  return html`<th scope="row" data-value="${name}"><label><input type="checkbox" data-run="${keyOf(index)}" checked>${swatch(keyOf(index), index)}${name}</label>${warning}</th>`;
}

/** Every run by itself, with what tells whether it ended in the same weights elsewhere. */
function everyRun(study: Study): Markup {
  const share = (value = Number.NaN) =>
    Number.isFinite(value) ? percentOr(study.metric)(value) : format.NOTHING;
  const rows = standings(study).flatMap(({ configuration, runs }) =>
    runs.map((run) => {
      const last = run.evaluations.at(-1);
      const ended = run.divergedAt === null ? '' : `diverged at ${format.count(run.divergedAt)}`;
      return html`<tr><th scope="row">${configuration.name}</th><td>${run.seed}</td><td>${format.count(run.steps)}</td><td>${share(last?.trainMetric)}</td><td>${share(last?.testMetric)}</td><td>${ended || format.loss(last?.testLoss ?? Number.NaN)}</td><td>${format.duration(run.seconds)}</td><td><code>${run.weightsHash}</code></td></tr>`;
    }),
  );
  const titles = ['configuration', 'seed', 'steps', 'train', 'test', 'test loss', 'time', 'weights'];
  return html`<details><summary>${format.counted(study.runs.length, 'run')}, one by one</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Every run"><table id="runs">
<thead><tr>${titles.map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${rows}</tbody>
</table></div>
<p class="note">Weights: the first 16 digits of the SHA-256 of all final weights. The same seed gives the same, on every native target
and with any number of threads.</p>
<p class="tools"><button type="button" data-table="runs">Numbers as CSV</button></p></details>`;
}
