import { lastAtMost } from './numbers.js';
import { swatch } from './svg.js';
import { view } from './view.js';

/** @import { Chart } from './chart.js' */

const AXIS_NAMES = { step: 'Step', log: 'Step', pass: 'Passes' };

/** The box that follows the pointer over a chart and tells the values below it. */
export class Reading {
  constructor(/** @type {HTMLElement} */ host) {
    this.box = document.createElement('div');
    this.box.className = 'reading';
    this.box.hidden = true;
    host.append(this.box);
  }

  /**
   * @param {uPlot} plot
   * @param {Chart} chart
   */
  follow(plot, chart) {
    const left = plot.cursor.left ?? -1;
    const rows = left < 0 ? [] : readingsAt(plot.posToVal(left, 'x'), chart);
    this.box.hidden = rows.length === 0;
    if (this.box.hidden) return;

    const at = plot.posToVal(left, 'x');
    const title = document.createElement('div');
    title.textContent = `${AXIS_NAMES[chart.axis]} ${chart.axis === 'pass' ? at.toFixed(2) : Math.round(at)}`;
    const table = document.createElement('table');
    for (const { run, value } of rows) {
      const row = table.insertRow();
      const name = row.insertCell();
      name.append(swatch(run), run.name);
      row.insertCell().textContent = chart.kind.format(value, chart.data);
    }
    this.box.replaceChildren(title, table);

    const offset = plot.over.offsetLeft + left;
    const onLeft = left > plot.over.clientWidth / 2;
    this.box.style.left = `${onLeft ? offset - this.box.offsetWidth - 14 : offset + 14}px`;
  }
}

/**
 * The last value of each run in sight at or before a place on the axis, the largest first.
 * @param {number} at
 * @param {Chart} chart
 */
function readingsAt(at, chart) {
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
