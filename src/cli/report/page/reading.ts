import type uPlot from 'uplot';
import type { PageData, PageRun } from '../page-types.js';
import type { ChartKind } from './kinds.js';
import { lastAtMost } from './numbers.js';
import { AXES, type Axis, view } from './view.js';

/** What a chart shows. */
interface Shown {
  readonly data: PageData;
  readonly runs: readonly PageRun[];
  readonly kind: ChartKind;
  readonly axis: Axis;
}

/** The box that follows the pointer over a chart and tells the values below it. */
export class Reading {
  readonly #box = document.createElement('div');

  constructor(host: HTMLElement) {
    this.#box.className = 'reading';
    this.#box.hidden = true;
    host.append(this.#box);
  }

  follow(plot: uPlot, chart: Shown): void {
    const left = plot.cursor.left ?? -1;
    const at = plot.posToVal(left, 'x');
    const rows = left < 0 ? [] : readingsAt(at, chart);
    this.#box.hidden = rows.length === 0;
    if (this.#box.hidden) return;

    const title = document.createElement('div');
    title.textContent = `${AXES[chart.axis]} ${chart.axis === 'pass' ? at.toFixed(2) : Math.round(at)}`;
    const table = document.createElement('table');
    for (const { run, value } of rows) {
      const row = table.insertRow();
      row.insertCell().append(swatch(run), run.name);
      row.insertCell().textContent = chart.kind.format(value, chart.data);
    }
    this.#box.replaceChildren(title, table);

    const offset = plot.over.offsetLeft + left;
    const width = this.#box.offsetWidth;
    const beside = left > plot.over.clientWidth / 2 ? offset - width - 14 : offset + 14;
    // In a narrow window it lies on the pointer rather than outside.
    this.#box.style.left = `${Math.max(0, Math.min(beside, plot.width - width))}px`;
  }
}

/** The line in a run's colour and dashes, as the legends have it. */
function swatch({ id }: PageRun): Node | string {
  return document.querySelector(`.legend [data-run="${id}"] .swatch`)?.cloneNode(true) ?? '';
}

/** The last value of each run in sight at or before a place on the axis, the largest first. */
function readingsAt(at: number, chart: Shown): { run: PageRun; value: number }[] {
  return chart.runs
    .filter((run) => !view.hidden.has(run.id))
    .flatMap((run) => {
      const { steps, values } = chart.kind.series(run, chart.data);
      const step = chart.axis === 'pass' ? (at * chart.data.trainRows) / run.batch : at;
      const index = lastAtMost(steps, step);
      return index < 0 ? [] : [{ run, value: values[index] }];
    })
    .sort((a, b) => b.value - a.value);
}
