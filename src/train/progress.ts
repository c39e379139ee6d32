import * as format from '../text/format.js';
import { bar, clearsLines, type Output, ProgressLine, timeLeft } from '../text/progress-line.js';
import type { Evaluation } from './evaluate.js';
import type { EpochReport, Resumed, StepReport } from './reports.js';

/** Tells how far a training is. */
export interface Progress {
  step(report: StepReport): void;
  epoch(report: EpochReport): void;
  /** Leaves the terminal as it was found. */
  close(): void;
}

/** The bar moves this often, in milliseconds. */
const REDRAW = 100;

/**
 * A bar on a terminal, a line for each epoch elsewhere.
 * @param epochs `steps` are those of an epoch; null where only the end of the first one tells.
 */
export function createProgress(
  output: Output,
  epochs: { readonly first: number; readonly count: number; readonly steps: number | null },
  resumed: Resumed | null = null,
): Progress {
  const line = new ProgressLine(output);
  const before = resumed?.step ?? 0;
  for (const { path, reason } of resumed?.skipped ?? []) line.print(`passed over ${path}: ${reason}`);
  if (resumed !== null) line.print(`goes on from ${resumed.path}, behind step ${before}`);
  const started = performance.now();
  let steps = epochs.steps;
  const stage = (epoch: number) => `epoch ${epoch + 1}/${epochs.first + epochs.count}`;
  let drawn = Number.NEGATIVE_INFINITY;
  const shares = (step: number, now: number) => {
    if (steps === null) return { within: [format.counted(step, 'step')], left: [] };
    const within = (((step - 1) % steps) + 1) / steps;
    return {
      within: [bar(within)],
      left: timeLeft((step - before) / (epochs.count * steps - before), now - started),
    };
  };
  return {
    step(report) {
      const now = performance.now();
      if (!clearsLines(output) || now - drawn < REDRAW) return;
      drawn = now;
      const { within, left } = shares(report.step, now);
      const speed = speedOf(report.samples / Math.max(report.seconds, 1e-9));
      line.show([stage(report.epoch), ...within, ...figuresOf(report), rateOf(report), speed, ...left]);
    },
    epoch(report) {
      const { validation } = report;
      steps ??= report.epoch === epochs.first ? report.step : null;
      const judged = validation === null ? [] : figuresOf(validation).map((figure) => `validation ${figure}`);
      const figures = [...figuresOf(report), ...judged, rateOf(report), speedOf(report.samplesPerSecond)];
      line.print([stage(report.epoch), ...figures].join('  '));
      drawn = Number.NEGATIVE_INFINITY;
    },
    close: () => line.clear(),
  };
}

const rateOf = ({ lr }: { readonly lr: number }) => `lr ${format.rate(lr)}`;
const speedOf = (samplesPerSecond: number) => `${format.count(samplesPerSecond)} rows/s`;

function figuresOf({ loss, metrics }: Evaluation): string[] {
  const others = Object.entries(metrics).map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`);
  return [`loss ${format.loss(loss)}`, ...others];
}
