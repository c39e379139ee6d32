import type { Schedule } from '../../schedule/index.js';
import * as format from '../../text/format.js';
import { terminalWidth } from '../../text/wrap.js';
import { checkDistinct } from '../compare/options.js';
import { UsageError } from '../errors.js';
import { checkWritable, save } from '../files.js';
import { integer, text, type Values } from '../flags.js';
import { drawInTerminal, drawSvg } from './draw.js';
import { parseSchedule } from './parse.js';

const STEPS = 1000;
const MOST_STEPS = 10_000_000;
const WIDEST = 100;

export const scheduleFlags = {
  steps: integer(
    'n',
    [1, MOST_STEPS],
    `How many steps. Default: all that are called steps in it together, or ${STEPS}.`,
  ),
  svg: text('file', 'Also write the plot as a picture.'),
  json: text('file', 'Also write the rate of every step as JSON.'),
} as const;

/** `lockstep schedule`. @throws UsageError before anything is written. */
export function drawSchedule(expression: string, flags: Values<typeof scheduleFlags>): void {
  const { svg = null, json = null } = flags;
  const { schedule, steps: found } = parseSchedule(expression);
  if (svg !== null) checkWritable(svg, '--svg');
  if (json !== null) checkWritable(json, '--json');
  checkDistinct([
    ['--svg', svg],
    ['--json', json],
  ]);
  const steps = flags.steps ?? (found > 0 ? Math.ceil(found) : STEPS);
  if (steps > MOST_STEPS) {
    throw new UsageError(
      `the schedule has ${format.count(steps)} steps: give --steps, of which ${format.count(MOST_STEPS)} can be drawn`,
    );
  }
  const rates = ratesOf(schedule, steps);
  const width = Math.min(WIDEST, terminalWidth(process.stdout) ?? WIDEST);
  process.stdout.write(`${drawInTerminal(rates, width)}\n\n${summary(rates)}\n`);
  if (json !== null) save(json, '--json', `${JSON.stringify({ schedule: expression, rates })}\n`);
  if (svg !== null && save(svg, '--svg', drawSvg(rates, expression)))
    process.stdout.write(`picture: ${svg}\n`);
}

function ratesOf(schedule: Schedule, steps: number): number[] {
  try {
    return Array.from({ length: steps + 1 }, (_, step) => schedule.at(step));
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`the schedule cannot be drawn: ${error.message}`);
    throw error;
  }
}

/** The rates that one wants to know. */
function summary(rates: readonly number[]): string {
  const top = rates.reduce((best, rate, step) => (rate > rates[best] ? step : best), 0);
  const last = rates.length - 1;
  const at = (step: number) => `${format.rate(rates[step])} at step ${format.count(step)}`;
  return `first ${format.rate(rates[0])}, largest ${at(top)}, ${at(Math.floor(last / 2))}, last ${at(last)}`;
}
