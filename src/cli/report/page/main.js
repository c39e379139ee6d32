import { Chart } from './chart.js';
import { chartKinds } from './kinds.js';
import { connectSurfaces } from './surfaces.js';
import { followTheme } from './theme.js';
import { connectLegends, view } from './view.js';

/** @import { PageData } from '../page-types.js' */
/** @import { Axis } from './view.js' */

/** @type {PageData} */
const data = JSON.parse(document.querySelector('#report-data')?.textContent ?? '');

const hosts = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.chart'));
const charts = [...hosts].map((host) => {
  const runs = (host.dataset.runs ?? '').split(' ').flatMap((id) => data.runs.filter((run) => run.id === id));
  return new Chart(host, data, runs, chartKinds[host.dataset.kind ?? '']);
});

connectLegends();
connectSurfaces(data.surfaces);
view.listeners.push(() => {
  for (const chart of charts) chart.refresh();
});

const choices = /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('[data-axis]'));
for (const button of choices) {
  if (button.ariaPressed === 'true') chooseAxis(button);
  button.addEventListener('click', () => {
    for (const chart of chooseAxis(button)) chart.build();
  });
}

/** Marks the choice in its section, and returns the charts it is for. */
function chooseAxis(/** @type {HTMLButtonElement} */ button) {
  const section = button.closest('section');
  for (const other of section?.querySelectorAll('[data-axis]') ?? []) {
    other.ariaPressed = String(other === button);
  }
  const concerned = charts.filter((chart) => section?.contains(chart.host));
  for (const chart of concerned) chart.axis = /** @type {Axis} */ (button.dataset.axis);
  return concerned;
}

followTheme(() => {
  for (const chart of charts) chart.build();
});
