import { DataError } from './errors.js';

/** One row of a CSV file. */
export interface CsvRow {
  /** As a spreadsheet counts: the header is row 1, blank lines count. */
  readonly number: number;
  readonly cells: readonly string[];
}

const COMMA = 44;
const QUOTE = 34;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * Splits CSV text (RFC 4180) into rows of cells: quoted cells may hold commas, line breaks and doubled quotes; lines end in
 * LF, CRLF or CR; a byte order mark is dropped; blank lines are skipped.
 *
 * @param name of the file, for messages.
 * @param first the number of the first row, where the text is not a whole file. Default 1.
 * @throws DataError for a quote that is never closed, or text around a quoted cell.
 */
export function parseCsv(text: string, name: string, first = 1): CsvRow[] {
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let number = first;
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const fail = (problem: string) =>
    new DataError(`${name}: row ${number}, column ${cells.length + 1}: ${problem}`);

  while (at < text.length) {
    if (text.charCodeAt(at) === QUOTE) {
      const end = closingQuote(text, at + 1);
      if (end < 0) throw fail('the quote is never closed');
      const after = end + 1;
      if (after < text.length && !isSeparator(text.charCodeAt(after)))
        throw fail('text after the closing quote');
      cells.push(text.slice(at + 1, end).replaceAll('""', '"'));
      at = after;
    } else {
      const start = at;
      while (at < text.length && !isSeparator(text.charCodeAt(at))) {
        if (text.charCodeAt(at) === QUOTE) throw fail('a quote inside a cell that does not start with one');
        at++;
      }
      cells.push(text.slice(start, at));
    }

    if (text.charCodeAt(at) === COMMA) {
      at++;
      if (at < text.length) continue;
      // A comma at the very end of the file: one more, empty, cell follows it.
      cells.push('');
    }
    if (cells.length > 1 || cells[0]?.trim() !== '') rows.push({ number, cells });
    cells = [];
    number++;
    at += text.startsWith('\r\n', at) ? 2 : 1;
  }
  return rows;
}

function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text.charCodeAt(at + 1) === QUOTE) at = text.indexOf('"', at + 2);
  return at;
}

const isLineEnd = (code: number) => code === LINE_FEED || code === CARRIAGE_RETURN;
const isSeparator = (code: number) => code === COMMA || isLineEnd(code);
