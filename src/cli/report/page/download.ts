import type { PageData } from '../page-types.js';
import { type Cell, csv } from './csv.js';
import { escaped, TEXT } from './plot.js';
import { cssColor } from './theme.js';
import { view } from './view.js';

/** The numbers of a figure. */
type Rows = () => readonly (readonly Cell[])[];

/** Lets figures and tables be taken away. */
export function connectDownloads({ name }: PageData, rowsOf: (figure: string) => Rows | null): void {
  const on = (attribute: string, take: (value: string) => void) => {
    for (const button of document.querySelectorAll<HTMLElement>(`[data-${attribute}]`)) {
      button.addEventListener('click', () => take(button.dataset[attribute] ?? ''));
    }
  };
  on('svg', (id) => save(`${name}-${id}.svg`, 'image/svg+xml', standalone(id)));
  on('csv', (id) => save(`${name}-${id}.csv`, 'text/csv', csv(rowsOf(id)?.() ?? [])));
  on('table', (id) => save(`${name}-${id}.csv`, 'text/csv', csv(tableRows(id))));
}

function save(name: string, type: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const LEGEND_ROW = 20;

/** A figure with its title and the names of its lines, in the colours that it has at the moment, as a file of its own. */
export function standalone(id: string): string {
  const figure = document.querySelector(`#figure-${id}, #${id}`);
  const svg = figure?.querySelector<SVGSVGElement>('.chart > svg, :scope > svg');
  if (!figure || !svg) return '';
  const { width, height } = svg.viewBox.baseVal;
  const title = figure.querySelector('.axis-title, h3')?.textContent?.trim() ?? '';
  const entries = legendOf(svg);
  const names = entries.map(({ key, name, dash }, index) => {
    const y = height + 40 + index * LEGEND_ROW;
    return `<path d="M8 ${y - 4}h26" stroke="var(--run-${key})" stroke-width="3" stroke-dasharray="${dash}"/><text x="42" y="${y}" fill="var(--ink)">${escaped(name)}</text>`;
  });
  const total = height + 32 + entries.length * LEGEND_ROW;
  const markup = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${total}" width="${width}" height="${total}"><rect width="${width}" height="${total}" fill="var(--paper)"/><g ${TEXT}><text x="8" y="16" fill="var(--ink)" font-weight="600">${escaped(title)}</text><g transform="translate(0 24)">${withStyles(svg)}</g>${names.join('')}</g></svg>`;
  return markup.replace(/var\((--[\w-]+)\)/g, (_, property: string) => cssColor(property));
}

/** What a figure names by colour, of what is shown. */
function legendOf(svg: SVGSVGElement): { key: string; name: string; dash: string }[] {
  const keys = new Set([...svg.outerHTML.matchAll(/var\(--run-([\w-]+)\)/g)].map(([, key]) => key));
  return [...keys]
    .filter((key) => !view.hidden.has(key))
    .map((key) => {
      const button = document.querySelector(`.legend [data-run="${key}"]`);
      const dash = button?.querySelector('.swatch line')?.getAttribute('stroke-dasharray') ?? '';
      return { key, name: button?.textContent?.trim() ?? key, dash };
    });
}

const STYLED = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-linecap',
  'opacity',
];

/** The content of a figure; what style sheets say of its parts goes into them. */
function withStyles(svg: SVGSVGElement): string {
  if (svg.closest('.surface') === null) return svg.innerHTML;
  const copy = svg.cloneNode(true);
  if (!(copy instanceof SVGSVGElement)) return '';
  const parts = copy.querySelectorAll('path, circle');
  for (const [index, part] of svg.querySelectorAll('path, circle').entries()) {
    const style = getComputedStyle(part);
    for (const name of STYLED) parts[index].setAttribute(name, style.getPropertyValue(name));
    if (style.visibility === 'hidden') parts[index].setAttribute('visibility', 'hidden');
  }
  return copy.innerHTML;
}

/** A table as it is sorted; values in full where cells have them. */
function tableRows(id: string): Cell[][] {
  const table = document.querySelector<HTMLTableElement>(`#${id}`);
  const rows = [...(table?.rows ?? [])];
  const hasInterval = (column: number) => rows.some((row) => row.cells[column]?.dataset.low !== undefined);
  return rows.map((row) =>
    [...row.cells].flatMap((cell, column): Cell[] => {
      const { value, low, high } = cell.dataset;
      const text = cell.textContent?.trim() ?? '';
      const isTitle = row.parentElement?.tagName === 'THEAD';
      const said = value === undefined ? text : column === 0 || value === '' ? value : Number(value);
      if (!hasInterval(column)) return [said];
      if (isTitle) return [text, `${text}, low`, `${text}, high`];
      return [said, ...[low, high].map((end) => (end === undefined ? null : Number(end)))];
    }),
  );
}
