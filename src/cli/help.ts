import type { Flag } from './flags.js';

/** A command as the help shows it. */
export interface CommandHelp {
  readonly name: string;
  readonly summary: string;
  /** Further paragraphs, below the summary. */
  readonly details?: readonly string[];
  readonly flags: Readonly<Record<string, Flag<unknown>>>;
  readonly examples: readonly { readonly command: string; readonly does: string }[];
}

const WIDTH = 100;

/** The help of one command. */
export function commandHelp({ name, summary, details = [], flags, examples }: CommandHelp): string {
  const rows = Object.entries(flags).map(([flag, { placeholder, help }]) => ({
    left: `--${flag}${placeholder === null ? '' : ` ${placeholder}`}`,
    right: help,
  }));
  rows.push({ left: '-h, --help', right: 'Show this text.' });
  return [
    `lockstep ${name}: ${summary}`,
    '',
    ...details.flatMap((paragraph) => [...wrap(paragraph, WIDTH), '']),
    'Flags',
    ...columns(rows),
    '',
    'Examples',
    ...examples.flatMap(({ command, does }) => [`  ${command}`, `      ${does}`]),
    '',
  ].join('\n');
}

/** The help of the program: its commands. */
export function programHelp(commands: readonly CommandHelp[]): string {
  return [
    'lockstep: trains neural networks in Node.js at the speed of the machine, with the same bits on every machine.',
    '',
    'Commands',
    ...columns(commands.map(({ name, summary }) => ({ left: `lockstep ${name}`, right: summary }))),
    '',
    'Flags',
    ...columns([
      { left: '-h, --help', right: 'Show this text, or with a command that command’s help.' },
      { left: '-v, --version', right: 'Show the version.' },
    ]),
    '',
  ].join('\n');
}

function columns(rows: readonly { left: string; right: string }[]): string[] {
  const width = Math.max(...rows.map(({ left }) => left.length)) + 2;
  return rows.flatMap(({ left, right }) =>
    wrap(right, WIDTH - width - 2).map(
      (line, index) => `  ${(index === 0 ? left : '').padEnd(width)}${line}`,
    ),
  );
}

function wrap(paragraph: string, width: number): string[] {
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
