import type { PageData } from '../page-types.js';
// In order: what comes later may refine what comes before.
import 'uplot/dist/uPlot.min.css';
import './page.css';
import './figures.css';
import './surfaces.css';
import './media.css';
import { Chart } from './chart.js';
import { chartKinds } from './kinds.js';
import { drawSurfaces } from './surface-figure.js';
import { followTheme } from './theme.js';
import { AXES, type Axis, connectLegends, view } from './view.js';

const data: PageData = JSON.parse(document.querySelector('#report-data')?.textContent ?? '');

const charts = [...document.querySelectorAll<HTMLElement>('.chart')].map((host) => {
  const runs = (host.dataset.runs ?? '').split(' ').flatMap((id) => data.runs.filter((run) => run.id === id));
  return new Chart(host, data, runs, chartKinds[host.dataset.kind ?? '']);
});

connectLegends();
drawSurfaces(data.walks);
view.listeners.push(() => {
  for (const chart of charts) chart.refresh();
});

for (const button of document.querySelectorAll<HTMLButtonElement>('[data-axis]')) {
  if (button.ariaPressed === 'true') chooseAxis(button);
  button.addEventListener('click', () => {
    for (const chart of chooseAxis(button)) chart.build();
  });
}

/** Marks the choice in its section, and returns the charts it is for. */
function chooseAxis(button: HTMLButtonElement): readonly Chart[] {
  const section = button.closest('section');
  for (const other of section?.querySelectorAll('[data-axis]') ?? []) {
    other.ariaPressed = String(other === button);
  }
  const concerned = charts.filter((chart) => section?.contains(chart.host));
  for (const chart of concerned) chart.axis = axisOf(button);
  return concerned;
}

function axisOf({ dataset }: HTMLElement): Axis {
  const isChosen = (axis: string): axis is Axis => axis === dataset.axis;
  return Object.keys(AXES).find(isChosen) ?? 'step';
}

followTheme(() => {
  for (const chart of charts) chart.build();
});
