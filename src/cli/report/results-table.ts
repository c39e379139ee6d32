import { type ResultColumn, resultColumns } from '../compare/columns.js';
import type { Comparison, RunResult } from '../compare/result.js';
import { runOf } from '../compare/runs.js';
import { swatch } from './figures.js';
import { html, type Markup } from './markup.js';

/** The results, one line per run, the best in each column in bold. */
export function resultsTable({ runs, goalAccuracy }: Comparison): Markup {
  const [name, ...columns] = resultColumns(goalAccuracy);
  const best = new Map(columns.map((column) => [column, bestOf(column, runs)]));
  const lines = runs.map((run, index) => {
    const startsGroup = index > 0 && runOf(runs[index - 1].id).group !== runOf(run.id).group;
    const cells = columns.map((column) => {
      const isBest = column.value !== undefined && column.value(run) === best.get(column);
      return html`<td${isBest ? html` class="best"` : ''}>${column.text(run)}</td>`;
    });
    return html`<tr${startsGroup ? html` class="starts-group"` : ''}>${nameCell(run)}${cells}</tr>`;
  });
  return html`<div class="scroll"><table>
<thead><tr>${[name, ...columns].map(({ title }) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${lines}</tbody>
</table></div>
<p class="note">Final loss: the mean over the last tenth of the steps, at most 100. Accuracies and steps to reach them: at some
35 evaluations on the way. Time and samples/s: training alone, evaluations not counted. Weights: the first 16 digits of
the SHA-256 of all final weights.</p>`;
}

function bestOf({ value, best }: ResultColumn, runs: readonly RunResult[]): number | null {
  const values = value === undefined ? [] : runs.flatMap((run) => value(run) ?? []);
  if (values.length === 0) return null;
  return best === 'highest' ? Math.max(...values) : Math.min(...values);
}

function nameCell(run: RunResult): Markup {
  return html`<th scope="row">${swatch(runOf(run.id))}${run.name}<small>${run.settings}</small></th>`;
}
