import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Schedule } from '../../src/schedule/index.js';
import * as schedules from '../../src/schedule/index.js';

interface Case {
  /** The TypeScript call: [factory, argument, ...]; an argument may be a call too. */
  readonly call: readonly unknown[];
  readonly rates: readonly number[];
  readonly metrics?: readonly number[];
}

const { cases }: { cases: Case[] } = JSON.parse(
  readFileSync(new URL('../golden/schedules.json', import.meta.url), 'utf8'),
);

const FACTORIES = new Map<string, (...args: never[]) => Schedule>(Object.entries(schedules));

function make([name, ...args]: readonly unknown[]): Schedule {
  const factory = FACTORIES.get(String(name));
  if (factory === undefined) throw new Error(`no factory ${String(name)}`);
  return Reflect.apply(factory, undefined, args.map(argument));
}

function argument(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return FACTORIES.has(value[0]) ? make(value) : value.map(argument);
}

function ratesOf({ call, rates, metrics }: Case): number[] {
  const schedule = make(call);
  return rates.map((_, step) => {
    if (metrics !== undefined && step > 0) schedule.observe?.(metrics[step - 1], step);
    return schedule.at(step);
  });
}

/** What no PyTorch of today has, nor this one: formulas.test.ts. */
const ELSEWHERE = ['toSchedule', 'exponentialWarmup', 'inverseSqrt', 'warmupStableDecay'];

describe('every step has the rate of PyTorch', () => {
  it('covers every factory', () => {
    const covered = JSON.stringify(cases.map((one) => one.call));
    const missing = [...FACTORIES.keys()].filter(
      (name) => !ELSEWHERE.includes(name) && !covered.includes(`"${name}"`),
    );
    expect(missing).toEqual([]);
  });

  it.each(cases.map((one) => [JSON.stringify(one.call), one] as const))('%s', (_, one) => {
    const peak = Math.max(...one.rates);
    ratesOf(one).forEach((rate, step) => {
      const expected = one.rates[step];
      // PyTorch's recursions leave a residue where the rate itself is 0.
      const tolerance = 1e-12 * Math.abs(expected) + 1e-15 * peak;
      expect(Math.abs(rate - expected), `step ${step}: ${rate}, not ${expected}`).toBeLessThanOrEqual(
        tolerance,
      );
    });
  });
});
