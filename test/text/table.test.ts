import { describe, expect, it } from 'vitest';
import { renderTable } from '../../src/text/table.js';

describe('renderTable', () => {
  it('aligns columns to their widest cell', () => {
    const table = renderTable<[string, number]>(
      [
        { title: 'name', align: 'left', text: ([name]) => name },
        { title: 'n', align: 'right', text: ([, n]) => String(n) },
      ],
      [
        ['a', 5],
        ['longest', 1000],
      ],
    );
    expect(table).toBe('name        n\n─────────────\na           5\nlongest  1000\n');
  });
});

describe('renderTable in a narrow terminal', () => {
  const title = (name: string) => ({ title: name, align: 'left', text: () => '' }) as const;
  const columns = ['first', 'second', 'third'].map(title);

  it('puts the columns that do not fit below, with the first again', () => {
    expect(renderTable(columns, [], 13)).toBe('first  second\n─────────────\n\nfirst  third\n────────────\n');
    expect(renderTable(columns, [], 20)).toBe('first  second  third\n────────────────────\n');
  });

  it('never leaves the first column alone', () => {
    expect(renderTable(columns, [], 3).split('\n')[0]).toBe('first  second');
  });
});
