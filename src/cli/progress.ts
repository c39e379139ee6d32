import type { RunResult } from './compare/result.js';
import type { Standing } from './compare/train.js';
import * as format from './format.js';

/** A run that is under way, among the others. */
export interface Stage {
  readonly name: string;
  /** Counted from 1. */
  readonly number: number;
  readonly of: number;
}

/** Tells how far a comparison is. */
export interface Progress {
  update(stage: Stage, standing: Standing): void;
  finish(stage: Stage, result: RunResult): void;
  /** A line about something else. */
  note(text: string): void;
  /** Leaves the terminal as it was found. May be called more than once. */
  close(): void;
}

/** What is written to: `process.stderr`, or a stand-in for it. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** A progress bar on a terminal, plain lines elsewhere, nothing at all when quiet. */
export function createProgress(output: Output, quiet: boolean): Progress {
  if (quiet) return { update() {}, finish() {}, note() {}, close() {} };
  return output.isTTY ? terminalProgress(output) : plainProgress(output);
}

const BAR_WIDTH = 24;

/** Moves the cursor to the start of the line and clears it. */
const CLEAR_LINE = '\r\x1b[2K';

function terminalProgress(output: Output): Progress {
  const started = performance.now();
  let shown = false;
  const clear = () => {
    if (shown) output.write(CLEAR_LINE);
    shown = false;
  };
  const print = (text: string) => {
    clear();
    output.write(`${text}\n`);
  };
  return {
    update(stage, standing) {
      const parts = [stageName(stage), bar(shareOf(standing)), ...figures(standing)];
      const left = secondsLeft(stage, standing, performance.now() - started);
      if (left !== null) parts.push(`${format.duration(left)} left`);
      // A longer line would wrap, and could not be cleared any more.
      output.write(`${CLEAR_LINE}${parts.join('  ').slice(0, (output.columns ?? 80) - 1)}`);
      shown = true;
    },
    finish: (stage, result) => print(resultLine(stage, result)),
    note: print,
    close: clear,
  };
}

/** A line for every quarter of a run, and one at its end. */
function plainProgress(output: Output): Progress {
  let last = '';
  return {
    update(stage, standing) {
      const quarter = Math.floor(4 * shareOf(standing));
      const key = `${stage.number} ${quarter}`;
      if (quarter === 0 || key === last) return;
      last = key;
      output.write(`${[stageName(stage), `${25 * quarter} %`, ...figures(standing)].join('  ')}\n`);
    },
    finish: (stage, result) => output.write(`${resultLine(stage, result)}\n`),
    note: (text) => output.write(`${text}\n`),
    close() {},
  };
}

const stageName = ({ name, number, of }: Stage) =>
  `[${String(number).padStart(String(of).length)}/${of}] ${name}`;

function bar(share: number): string {
  const full = Math.round(BAR_WIDTH * share);
  return '━'.repeat(full) + '─'.repeat(BAR_WIDTH - full);
}

const shareOf = ({ samples, samplesOfAll }: Standing) => samples / samplesOfAll;

function figures({ loss, accuracy, samplesPerSecond }: Standing): string[] {
  return [
    ...(loss === null ? [] : [`loss ${format.loss(loss)}`]),
    `test ${format.percent(accuracy, 1)}`,
    `${format.count(samplesPerSecond)} samples/s`,
  ];
}

function resultLine(
  stage: Stage,
  { finalLoss, bestAccuracy, samplesPerSecond, seconds, divergedAt }: RunResult,
): string {
  const end =
    divergedAt === null
      ? `loss ${format.loss(finalLoss ?? 0)}`
      : `diverged at step ${format.count(divergedAt)}`;
  const figures = [end, `best test ${format.percent(bestAccuracy)}`, format.duration(seconds)];
  return `${stageName(stage)}: ${figures.join(', ')}, ${format.count(samplesPerSecond)} samples/s`;
}

/** By how long the runs so far took: all runs see the same number of rows. */
function secondsLeft({ number, of }: Stage, standing: Standing, milliseconds: number): number | null {
  const share = (number - 1 + shareOf(standing)) / of;
  return share < 0.002 ? null : (milliseconds / 1000) * (1 / share - 1);
}
