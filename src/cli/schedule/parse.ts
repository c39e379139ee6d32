import { nearestName } from '../../core/nearest.js';
import { isObject, show } from '../../core/validate.js';
import * as factories from '../../schedule/index.js';
import { type Schedule, toSchedule } from '../../schedule/index.js';
import { UsageError } from '../errors.js';

// An expression as one writes it in a program, such as gradualWarmup(cosine(1e-3, { steps: 1000 }), { steps: 100 }). It is read, and
// never run: there are calls of schedules, numbers, words in quotes, arrays, and objects.

/** What may be called. */
export const SCHEDULES: ReadonlyMap<string, (...args: unknown[]) => unknown> = new Map(
  Object.entries(factories)
    .filter(([name]) => name !== 'toSchedule')
    .map(([name, factory]) => [name, (...args) => Reflect.apply(factory, null, args)]),
);

const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['Infinity', Number.POSITIVE_INFINITY],
]);

const NUMBER = /[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:e[+-]?\d+)?/iy;
const NAME = /[A-Za-z_]\w*/y;
const TEXT = /'([^'\\]*)'|"([^"\\]*)"/y;
const SPACE = /\s*/y;

/** Deeper expressions are nobody's schedule. */
const MAX_DEPTH = 50;

/** What an expression says. */
export interface Parsed {
  readonly schedule: Schedule;
  /** All numbers that are called `steps` in it, together. */
  readonly steps: number;
}

/** @throws UsageError with the expression and a mark below the place. */
export function parseSchedule(text: string): Parsed {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.expectEnd();
  const { steps } = reader;
  if (typeof value !== 'number' && !isSchedule(value)) {
    throw reader.failure(0, `a schedule or a rate is expected, got ${show(value)}`);
  }
  return { schedule: reader.attempt(0, () => toSchedule(value)), steps };
}

/** Only what was called can have a function. */
function isSchedule(value: unknown): value is Schedule {
  return isObject(value) && typeof value.at === 'function' && !Array.isArray(value);
}

class Reader {
  readonly #text: string;
  #at = 0;
  steps = 0;

  constructor(text: string) {
    this.#text = text;
  }

  failure(at: number, problem: string): UsageError {
    const begin = this.#text.slice(0, at).lastIndexOf('\n') + 1;
    const [line] = this.#text.slice(begin).split('\n', 1);
    return new UsageError(`the schedule cannot be read: ${problem}\n  ${line}\n  ${' '.repeat(at - begin)}^`);
  }

  /** Runs a factory, whose errors are about what stands at this place. */
  attempt<Result>(at: number, run: () => Result): Result {
    try {
      return run();
    } catch (error) {
      if (error instanceof TypeError || error instanceof RangeError) throw this.failure(at, error.message);
      throw error;
    }
  }

  expectEnd(): void {
    this.#skip();
    if (this.#at < this.#text.length) throw this.failure(this.#at, 'nothing more is expected here');
  }

  value(depth: number): unknown {
    this.#skip();
    const start = this.#at;
    if (depth > MAX_DEPTH) throw this.failure(start, `it is deeper than ${MAX_DEPTH} calls`);
    if (this.#take('[')) return this.#list(']', () => this.value(depth + 1));
    if (this.#take('{')) return this.#object(depth);
    const quoted = this.#match(TEXT);
    if (quoted !== null) return quoted[1] ?? quoted[2];
    const number = this.#match(NUMBER);
    if (number !== null) return Number(number[0].replaceAll('_', ''));
    const name = this.#match(NAME)?.[0];
    if (name === undefined)
      throw this.failure(start, 'a schedule, a number, an array or an object is expected');
    if (WORDS.has(name)) return WORDS.get(name);
    return this.#call(name, start, depth);
  }

  #call(name: string, start: number, depth: number): unknown {
    const factory = SCHEDULES.get(name);
    if (factory === undefined) {
      const nearest = nearestName(name, [...SCHEDULES.keys()]);
      const remedy =
        nearest === undefined ? `known are ${[...SCHEDULES.keys()].join(', ')}` : `did you mean ${nearest}?`;
      throw this.failure(start, `there is no schedule ${show(name)}; ${remedy}`);
    }
    this.#skip();
    if (!this.#take('(')) throw this.failure(this.#at, `${name} needs its arguments in (...)`);
    const args = this.#list(')', () => this.value(depth + 1));
    return this.attempt(start, () => factory(...args));
  }

  #object(depth: number): object {
    const entries = this.#list('}', () => {
      this.#skip();
      const start = this.#at;
      const quoted = this.#match(TEXT);
      const key = quoted === null ? this.#match(NAME)?.[0] : (quoted[1] ?? quoted[2]);
      if (key === undefined) throw this.failure(start, 'the name of an option is expected');
      this.#skip();
      if (!this.#take(':')) throw this.failure(this.#at, `a colon is expected behind ${key}`);
      const value = this.value(depth + 1);
      if (key === 'steps' && typeof value === 'number') this.steps += value;
      return [key, value] as const;
    });
    return Object.fromEntries(entries);
  }

  /** What stands between commas, until the bracket closes; a last comma may stand alone. */
  #list<Item>(close: string, item: () => Item): Item[] {
    const items: Item[] = [];
    for (;;) {
      this.#skip();
      if (this.#take(close)) return items;
      if (this.#at >= this.#text.length) throw this.failure(this.#at, `${close} is expected`);
      items.push(item());
      this.#skip();
      if (this.#take(',')) continue;
      if (this.#take(close)) return items;
      throw this.failure(this.#at, `, or ${close} is expected`);
    }
  }

  #skip(): void {
    this.#match(SPACE);
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at += match[0].length;
    return match;
  }
}
