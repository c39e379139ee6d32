import { besides, terminalWidth, wrap } from '../text/wrap.js';
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

/** Lines longer than this are hard to read. */
const WIDEST = 100;

const width = () => Math.min(WIDEST, terminalWidth(process.stdout) ?? WIDEST);

/** The help of one command. */
export function commandHelp({ name, summary, details = [], flags, examples }: CommandHelp): string {
  const rows = Object.entries(flags).map(([flag, { placeholder, help }]) => ({
    left: `--${flag}${placeholder === null ? '' : ` ${placeholder}`}`,
    right: help,
  }));
  rows.push({ left: '-h, --help', right: 'Show this text.' });
  return [
    ...wrap(`lockstep ${name}: ${summary}`, width()),
    '',
    ...details.flatMap((paragraph) => [...wrap(paragraph, width()), '']),
    'Flags',
    ...columns(rows),
    '',
    'Examples',
    ...examples.flatMap(({ command, does }) => [...shellLines(command), ...besides('      ', does, width())]),
    '',
  ].join('\n');
}

/** The help of the program: its commands. */
export function programHelp(commands: readonly CommandHelp[]): string {
  return [
    ...wrap(
      'lockstep: trains neural networks in Node.js at the speed of the machine, with the same bits on every machine.',
      width(),
    ),
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
  const widest = Math.max(...rows.map(({ left }) => left.length));
  return rows.flatMap(({ left, right }) => besides(`  ${left.padEnd(widest)}  `, right, width()));
}

/** A command as a shell takes it, in as many lines as it needs. */
function shellLines(command: string): string[] {
  const lines = wrap(command, width() - 6);
  return lines.map(
    (line, index) => `${index === 0 ? '  ' : '    '}${line}${index + 1 < lines.length ? ' \\' : ''}`,
  );
}
