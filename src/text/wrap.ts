/** The narrowest terminal that is written for. */
const NARROWEST = 60;

/** The width of the terminal: what COLUMNS says, else what it says itself; `undefined` where there is none. */
export function terminalWidth({ columns }: { readonly columns?: number }): number | undefined {
  const asked = Number(process.env.COLUMNS);
  const width = Number.isInteger(asked) && asked > 0 ? asked : columns;
  return width === undefined ? undefined : Math.max(NARROWEST, width);
}

/** Lines of at most `width` letters; a longer word has a line of its own. */
export function wrap(paragraph: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line += (line === '' ? '' : ' ') + word;
    }
  }
  return [...lines, line];
}

/** A text in lines of at most `width`, to the right of what it is about. */
export function besides(left: string, right: string, width: number): string[] {
  return wrap(right, width - left.length).map(
    (line, index) => (index === 0 ? left : ' '.repeat(left.length)) + line,
  );
}
