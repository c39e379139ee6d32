import * as format from '../text/format.js';
import { bar, clearsLines, type Output, ProgressLine, timeLeft } from '../text/progress-line.js';
import type { Evaluation } from './evaluate.js';
import type { EpochReport, StepReport } from './options.js';

/** Tells how far a training is. */
export interface Progress {
  step(report: StepReport): void;
  epoch(report: EpochReport): void;
  /** Leaves the terminal as it was found. */
  close(): void;
}

/** The bar moves this often, in milliseconds. */
const REDRAW = 100;

/** A bar on a terminal, a line for each epoch elsewhere. */
export function createProgress(
  output: Output,
  epochs: { readonly first: number; readonly count: number; readonly steps: number },
): Progress {
  const line = new ProgressLine(output);
  const started = performance.now();
  const all = epochs.count * epochs.steps;
  const stage = (epoch: number) => `epoch ${epoch + 1}/${epochs.first + epochs.count}`;
  let drawn = Number.NEGATIVE_INFINITY;
  return {
    step(report) {
      const now = performance.now();
      if (!clearsLines(output) || now - drawn < REDRAW) return;
      drawn = now;
      const within = (((report.step - 1) % epochs.steps) + 1) / epochs.steps;
      const left = timeLeft(report.step / all, now - started);
      const speed = `${format.count(report.samples / Math.max(report.seconds, 1e-9))} rows/s`;
      line.show([stage(report.epoch), bar(within), ...figuresOf(report), speed, ...left]);
    },
    epoch(report) {
      const { validation } = report;
      const judged = validation === null ? [] : figuresOf(validation).map((figure) => `validation ${figure}`);
      const speed = `${format.count(report.samplesPerSecond)} rows/s`;
      line.print([stage(report.epoch), ...figuresOf(report), ...judged, speed].join('  '));
      drawn = Number.NEGATIVE_INFINITY;
    },
    close: () => line.clear(),
  };
}

function figuresOf({ loss, metrics }: Evaluation): string[] {
  const others = Object.entries(metrics).map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`);
  return [`loss ${format.loss(loss)}`, ...others];
}
