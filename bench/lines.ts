import type { Column } from '../src/text/table.js';
import type { Case } from './area.js';
import { fastest, type Timing } from './measure.js';

/** This package by its public functions. */
export const OWN = 'lockstep';

/** One of a table: a case on so many threads. */
export interface Line {
  readonly name: string;
  readonly threads: number;
  readonly demand: Case['demand'];
  find(contender: string): Timing | undefined;
}

export function linesOf(cases: readonly Case[], threads: readonly number[]): Line[] {
  return cases.flatMap(({ name, timings, demand }) =>
    threads.map((count) => ({
      name,
      threads: count,
      demand,
      find: (contender: string) => fastest(timings, contender, count),
    })),
  );
}

export function right(title: string, text: (line: Line) => string): Column<Line> {
  return { title, align: 'right', text };
}
