/** A column of a text table. */
export interface Column<Row> {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly text: (row: Row) => string;
}

/** A column with its title and its texts brought to one width. */
type Cells = readonly string[];

/**
 * Rows of text in aligned columns, with a rule below the titles. Columns that do not fit beside the others go into a further
 * table below, which begins with the first column again.
 */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width = Number.POSITIVE_INFINITY,
): string {
  const [first, ...others] = columns.map((column) => cellsOf(column, rows));
  const tables: Cells[][] = [[first]];
  for (const cells of others) {
    const table = tables[tables.length - 1];
    const isFull = table.length > 1 && widthOf([...table, cells]) > width;
    if (isFull) tables.push([first, cells]);
    else table.push(cells);
  }
  return tables.map(renderCells).join('\n');
}

function cellsOf<Row>({ title, align, text }: Column<Row>, rows: readonly Row[]): Cells {
  const texts = [title, ...rows.map(text)];
  const width = Math.max(...texts.map(({ length }) => length));
  return texts.map((cell) => (align === 'right' ? cell.padStart(width) : cell.padEnd(width)));
}

const GAP = '  ';

const widthOf = (table: readonly Cells[]) => table.map(([title]) => title).join(GAP).length;

function renderCells(table: readonly Cells[]): string {
  const [titles, ...lines] = table[0].map((_, row) =>
    table
      .map((cells) => cells[row])
      .join(GAP)
      .trimEnd(),
  );
  return [titles, '─'.repeat(widthOf(table)), ...lines, ''].join('\n');
}
