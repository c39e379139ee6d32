import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError, datasetFromCsv, parseCsv } from '../../src/data/index.js';

const cellsOf = (text: string) => parseCsv(text, 'a.csv').map((row) => row.cells);

describe('parseCsv', () => {
  it.each([
    [
      'plain',
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'no line end at the end',
      'a,b\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'CRLF',
      'a,b\r\n1,2\r\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'CR',
      'a,b\r1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'byte order mark',
      '\ufeffa,b\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['byte order mark before a quote', '\ufeff"a",b', [['a', 'b']]],
    ['quoted comma, line break and quote', '"a,1","b\r\n2","say ""hi"""', [['a,1', 'b\r\n2', 'say "hi"']]],
    [
      'empty cells',
      ',a,\n,,\n',
      [
        ['', 'a', ''],
        ['', '', ''],
      ],
    ],
    ['a comma at the very end', 'a,', [['a', '']]],
    ['blank lines', 'a\n\n  \nb\n\n', [['a'], ['b']]],
    ['nothing', '', []],
  ])('%s', (_, text, rows) => expect(cellsOf(text)).toEqual(rows));

  it('numbers rows as a spreadsheet does', () => {
    expect(parseCsv('a\n\n"x\ny"\nb', 'a.csv').map((row) => row.number)).toEqual([1, 3, 4]);
  });

  it.each([
    ['a,b\n1,"2', 'a.csv: row 2, column 2: the quote is never closed'],
    ['a,b\n"1"x,2', 'a.csv: row 2, column 1: text after the closing quote'],
    ['a,b\n1,2"', 'a.csv: row 2, column 2: a quote inside a cell that does not start with one'],
  ])('refuses %j', (text, message) => expect(() => parseCsv(text, 'a.csv')).toThrow(new DataError(message)));

  it('reads back whatever cells were written with quotes', () => {
    const rows = fc.array(fc.array(fc.string({ unit: 'binary' }), { minLength: 2, maxLength: 5 }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(rows, fc.constantFrom('\n', '\r\n', '\r'), (written, lineEnd) => {
        const text = written
          .map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','))
          .join(lineEnd);
        expect(cellsOf(text)).toEqual(written);
      }),
    );
  });
});

describe('datasetFromCsv', () => {
  const read = (text: string, label = 'kind') => datasetFromCsv(text, label, 'a.csv');

  it('takes the label from any column and keeps the others in order', () => {
    const dataset = read('x,kind,y\n1,b,-2.5\n3e2,a, 4 \n0.5,a,.25\n-1,b,7\n');
    expect(dataset).toEqual({
      name: 'a.csv',
      features: Float32Array.of(1, -2.5, 300, 4, 0.5, 0.25, -1, 7),
      labels: Int32Array.of(1, 0, 0, 1),
      rows: 4,
      columns: 2,
      classes: 2,
      classNames: ['a', 'b'],
    });
  });

  it('orders classes that are numbers by value', () => {
    expect(read('x,kind\n1,10\n2,9\n3,10\n4,9\n5,-1\n6,-1').classNames).toEqual(['-1', '9', '10']);
  });

  const rows = 'x,kind\n1,a\n2,b\n3,a\n';
  it.each([
    ['an empty file', '', 'a.csv: the file is empty'],
    ['only a header', 'x,kind\n', 'a.csv: there are no rows below the header'],
    [
      'only a label',
      'kind\na\nb\na\nb',
      'a.csv: the only column is the label, there is nothing to learn from',
    ],
    ['no label column', 'x,y\n1,2', 'a.csv: no column is called "kind"; the columns are "x", "y"'],
    [
      'semicolons',
      'x;kind\n1;a',
      'a.csv: no column is called "kind"; the columns are "x;kind"; cells must be separated by commas',
    ],
    ['a column twice', 'x,x,kind\n1,2,a', 'a.csv: row 1: two columns are called "x"'],
    [
      'a short row',
      `${rows}4\n`,
      'a.csv: row 5: expected 2 cells as in the header, got 1 (column 2 is missing)',
    ],
    [
      'a long row',
      `${rows}4,a,5\n`,
      'a.csv: row 5: expected 2 cells as in the header, got 3 (column 3 is one too many)',
    ],
    ['text', `${rows}red,a\n`, 'a.csv: row 5, column "x": expected a finite number, got "red"'],
    ['an empty cell', `${rows},a\n`, 'a.csv: row 5, column "x": expected a finite number, got an empty cell'],
    ['NaN', `${rows}NaN,a\n`, 'a.csv: row 5, column "x": expected a finite number, got "NaN"'],
    [
      'Infinity',
      `${rows}-Infinity,a\n`,
      'a.csv: row 5, column "x": expected a finite number, got "-Infinity"',
    ],
    [
      'more than a float32 holds',
      `${rows}1e39,a\n`,
      'a.csv: row 5, column "x": expected a finite number, got "1e39"',
    ],
    [
      'a hexadecimal number',
      `${rows}0x10,a\n`,
      'a.csv: row 5, column "x": expected a finite number, got "0x10"',
    ],
    ['a decimal comma', `${rows}"1,5",a\n`, 'a.csv: row 5, column "x": expected a finite number, got "1,5"'],
    ['an empty label', `${rows}4, \n`, 'a.csv: row 5, column "kind": the label is empty'],
    [
      'one class',
      'x,kind\n1,a\n2,a',
      'a.csv: column "kind": every row is of class "a", expected two classes or more',
    ],
    [
      'labels that never repeat',
      'x,kind\n1,1.5\n2,2.5\n3,3.5',
      'a.csv: column "kind": 3 different values in 3 rows, expected class labels that repeat',
    ],
  ])('refuses %s', (_, text, message) => expect(() => read(text)).toThrow(new DataError(message)));
});
