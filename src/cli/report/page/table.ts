import { type Sorting, view } from './view.js';

/** Lets the titles of the table of results sort it, and tells those who cannot see how it is sorted. */
export function connectSorting(): void {
  const table = document.querySelector<HTMLTableElement>('#results');
  if (table === null) return;
  const titles = [...table.querySelectorAll<HTMLButtonElement>('[data-sort]')];
  for (const [column, title] of titles.entries()) {
    title.addEventListener('click', () => {
      const { column: current, direction } = view.sorting;
      const name = title.dataset.sort ?? '';
      // Names begin with a, numbers with the largest.
      const other = direction === 'ascending' ? 'descending' : 'ascending';
      view.sorting = {
        column: name,
        direction: current === name ? other : column === 0 ? 'ascending' : 'descending',
      };
      view.changed();
    });
  }
  view.listeners.push(() => sort(table, titles, view.sorting));
}

function sort(table: HTMLTableElement, titles: readonly HTMLElement[], { column, direction }: Sorting): void {
  const index = titles.findIndex(({ dataset }) => dataset.sort === column);
  for (const [place, title] of titles.entries()) {
    const cell = title.closest('th');
    if (cell !== null) cell.ariaSort = place === index ? direction : 'none';
  }
  const body = table.tBodies[0];
  const sign = direction === 'ascending' ? 1 : -1;
  const valueIn = (row: HTMLTableRowElement) => row.cells[index]?.dataset.value ?? '';
  const compare = (a: string, b: string) => {
    // What has no value comes last, whichever way.
    if (a === '' || b === '') return Number(a === '') - Number(b === '');
    return sign * (index === 0 ? a.localeCompare(b) : Number(a) - Number(b));
  };
  const before = [...body.rows];
  const rows = before.toSorted((a, b) => compare(valueIn(a), valueIn(b)));
  if (index >= 0 && rows.some((row, place) => row !== before[place])) body.append(...rows);
}
