import { parseArgs } from 'node:util';
import { nearestName } from '../core/nearest.js';
import { show } from '../core/validate.js';
import { UsageError } from './errors.js';

/** A flag of a command: how it is read, and what the help says about it. */
export interface Flag<Value> {
  /** What stands for the value in the help; `null` for a flag that takes none. */
  readonly placeholder: string | null;
  readonly help: string;
  /** Whether more values may follow, and the flag be given again: they are read together, with spaces between them. */
  readonly isList?: boolean;
  /** Reads the value, or throws a {@link UsageError} that names the flag. */
  readonly parse: (text: string, flag: string) => Value;
}

/** The flags of a command, by name. */
export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** What the flags of a table were set to; a flag that was not given is absent. */
export type Values<Table extends Flags> = {
  readonly [Name in keyof Table]?: ReturnType<Table[Name]['parse']>;
};

const HELP = { type: 'boolean', short: 'h' } as const;

/**
 * Reads a command's arguments by its table of flags. A flag given twice counts as given the last time.
 *
 * @returns the values, or `'help'` when `--help` is among the arguments.
 * @throws UsageError for an unknown flag, a stray argument, a missing or a bad value.
 */
export function parseFlags<Table extends Flags>(
  table: Table,
  args: readonly string[],
): Values<Table> | 'help' {
  const types = Object.entries(table).map(([name, flag]) => [name, { type: typeOf(flag) }] as const);
  // Not strict, as the checks below give shorter and more helpful messages.
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...Object.fromEntries(types), help: HELP },
    strict: false,
    tokens: true,
  });
  const values: Record<string, unknown> = {};
  const lists = new Map<string, string>();
  let list: string | null = null;
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (list === null) throw new UsageError(`unexpected argument ${show(token.value)}`);
      lists.set(list, `${lists.get(list)} ${token.value}`);
    }
    if (token.kind !== 'option') continue;
    if (token.name === 'help') return 'help';
    const flag = Object.hasOwn(table, token.name) ? table[token.name] : undefined;
    if (flag === undefined)
      throw new UsageError(`unknown flag ${token.rawName}${suggestion(token.name, table)}`);
    const value = valueOfToken(token, flag);
    list = flag.isList === true ? token.name : null;
    if (list === null) values[token.name] = flag.parse(value, token.rawName);
    else lists.set(list, lists.has(list) ? `${lists.get(list)} ${value}` : value);
  }
  for (const [name, value] of lists) values[name] = table[name].parse(value, `--${name}`);
  return values as Values<Table>;
}

const typeOf = (flag: Flag<unknown>) => (flag.placeholder === null ? 'boolean' : 'string');

function valueOfToken(token: { rawName: string; value?: string | undefined }, flag: Flag<unknown>): string {
  if (flag.placeholder === null) {
    if (token.value !== undefined)
      throw new UsageError(`${token.rawName} takes no value, got ${show(token.value)}`);
    return '';
  }
  if (token.value === undefined || token.value.startsWith('--')) {
    throw new UsageError(`${token.rawName} needs a value: ${token.rawName} ${flag.placeholder}`);
  }
  return token.value;
}

/** `; did you mean --x?` for the known name nearest to a mistyped one, if any is near. */
export function suggestion(typed: string, known: Flags | readonly string[], prefix = '--'): string {
  const nearest = nearestName(typed, Array.isArray(known) ? known : Object.keys(known));
  return nearest === undefined ? '' : `; did you mean ${prefix}${nearest}?`;
}

/** A flag that is either given or not. */
export function toggle(help: string): Flag<boolean> {
  return { placeholder: null, help, parse: () => true };
}

/** A flag whose value is taken as it is, not empty. */
export function text(placeholder: string, help: string): Flag<string> {
  return {
    placeholder,
    help,
    parse(value, flag) {
      if (value === '') throw new UsageError(`${flag} must not be empty`);
      return value;
    },
  };
}

/** A flag for an integer in a range, both ends included. */
export function integer(
  placeholder: string,
  [low, high]: readonly [number, number],
  help: string,
): Flag<number> {
  return {
    placeholder,
    help,
    parse(value, flag) {
      const number = Number(value);
      if (/^[+-]?\d+$/.test(value) && number >= low && number <= high) return number;
      const range = high === Number.MAX_SAFE_INTEGER ? `of at least ${low}` : `in [${low}, ${high}]`;
      throw new UsageError(`${flag} must be an integer ${range}, got ${show(value)}`);
    },
  };
}

/** A finite number greater than 0, or a {@link UsageError} that says what it is for. */
export function positiveNumber(value: string, what: string): number {
  const number = Number(value);
  if (value.trim() !== '' && number > 0 && Number.isFinite(number)) return number;
  throw new UsageError(`${what} must be a finite number greater than 0, got ${show(value)}`);
}

/** A flag for one or more of the given names, separated by commas, each at most once. */
export function names(placeholder: string, known: readonly string[], help: string): Flag<readonly string[]> {
  return {
    placeholder,
    help,
    parse(value, flag) {
      const list = value.split(',').map((name) => name.trim());
      for (const [index, name] of list.entries()) {
        if (!known.includes(name)) throw new UsageError(`${flag}: ${unknownName(name, known)}`);
        if (list.indexOf(name) !== index) throw new UsageError(`${flag}: ${show(name)} is there twice`);
      }
      return list;
    },
  };
}

/** That a name is none of the known ones, and which those are; `what` stands before it, `prefix` before a suggestion. */
export function unknownName(name: string, known: readonly string[], what = '', prefix = ''): string {
  return `no ${what}${show(name)}; known are ${known.join(', ')}${suggestion(name, known, prefix)}`;
}
