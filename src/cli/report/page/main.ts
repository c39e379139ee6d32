import type { PageData } from '../page-types.js';
import { MEASURES } from '../page-types.js';
// In order: what comes later may refine what comes before.
import './page.css';
import './figures.css';
import './sections.css';
import './surfaces.css';
import './media.css';
import { Chart, zoomOut } from './chart.js';
import type { Cell } from './csv.js';
import { connectDownloads } from './download.js';
import { curveDrawing, type Drawing, tuningDrawing } from './drawings.js';
import { effectHeight, effectMarkup, effectRows } from './effects.js';
import { drawSurfaces, walkRows } from './surface-figure.js';
import { svgElement } from './svg.js';
import { connectSorting } from './table.js';
import { followTheme } from './theme.js';
import { connectAddress, connectChoices, connectSwitches, view } from './view.js';

const data: PageData = JSON.parse(document.querySelector('#report-data')?.textContent ?? '');

const hostOf = (figure: string) => document.querySelector<HTMLElement>(`[data-figure="${figure}"]`);

const rows = new Map<string, () => readonly (readonly Cell[])[]>();

const drawings: (readonly [string, Drawing])[] = [
  ...MEASURES.map((measure) => [measure, curveDrawing(measure, data)] as const),
  ['tuning', tuningDrawing(data)],
];

const charts = drawings.flatMap(([id, drawing]) => {
  const host = hostOf(id);
  rows.set(id, drawing.rows);
  return host === null ? [] : [new Chart(host, drawing, id)];
});

for (const [index, effect] of data.effects.entries()) {
  const host = hostOf(`effect-${index}`);
  rows.set(`effect-${index}`, () => effectRows(effect));
  if (host === null) continue;
  const svg = svgElement('svg', {});
  host.append(svg);
  host.style.height = `${effectHeight(effect)}px`;
  new ResizeObserver(() => {
    svg.setAttribute('viewBox', `0 0 ${host.clientWidth} ${effectHeight(effect)}`);
    svg.innerHTML = effectMarkup(effect, data, host.clientWidth);
  }).observe(host);
}

const keys = data.configurations.map(({ key }) => key);
const best = [...document.querySelectorAll<HTMLInputElement>('#results input')].map(
  ({ dataset }) => dataset.run ?? '',
);
const walkers = Object.keys(Object.values(data.walks)[0]).map((key) => ({
  key,
  id: `walk-${key}`,
  shown: true,
}));

connectSwitches();
connectChoices(keys, best);
connectSorting();
connectAddress([...data.configurations, ...walkers]);
for (const [surface, walks] of Object.entries(data.walks)) {
  rows.set(`surface-${surface}`, () => walkRows(walks));
}
connectDownloads(data, (id) => rows.get(id) ?? null);
drawSurfaces(data.walks);
view.listeners.push(() => {
  for (const chart of charts) chart.draw();
});
addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') zoomOut();
});
// The address keeps the view: a link inside of the page only goes there.
for (const link of document.querySelectorAll<HTMLAnchorElement>('a[href^="#"]')) {
  link.addEventListener('click', (event) => {
    event.preventDefault();
    document.querySelector(link.hash)?.scrollIntoView();
  });
}
// Colours are properties, which the drawings follow by themselves.
followTheme(() => {});
view.changed();
