import * as format from '../../text/format.js';
import { bar, clearsLines, type Output, ProgressLine, timeLeft } from '../../text/progress-line.js';
import type { RunResult } from './result.js';
import type { Standing } from './train.js';

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

/** A progress bar on a terminal, plain lines elsewhere, nothing at all when quiet. */
export function createProgress(output: Output, quiet: boolean): Progress {
  if (quiet) return { update() {}, finish() {}, note() {}, close() {} };
  return clearsLines(output) ? terminalProgress(output) : plainProgress(output);
}

function terminalProgress(output: Output): Progress {
  const started = performance.now();
  const line = new ProgressLine(output);
  return {
    update(stage, standing) {
      const share = shareOf(standing);
      // All runs see the same number of rows.
      const left = timeLeft((stage.number - 1 + share) / stage.of, performance.now() - started);
      line.show([stageName(stage), bar(share), ...figures(standing), ...left]);
    },
    finish: (stage, result) => line.print(resultLine(stage, result)),
    note: (text) => line.print(text),
    close: () => line.clear(),
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
