import * as format from '../../text/format.js';
import type { Comparison, RunResult } from '../compare/result.js';
import { runOf } from '../compare/runs.js';
import type { PageData, PageRun } from './page-types.js';
import { smooth, spread } from './smooth.js';
import { walks } from './walks.js';

/** More points than a chart has pixels across would only make the file larger. */
const MOST_POINTS = 3000;

/** A loss of exactly zero has no place on a logarithmic axis. */
const SMALLEST_LOSS = 1e-8;

export function pageData(comparison: Comparison): PageData {
  return {
    trainRows: comparison.data.trainRows,
    goalAccuracy: comparison.goalAccuracy,
    resolution: 0.5 / comparison.data.testRows,
    runs: comparison.runs.map(pageRun),
    walks: walks(),
  };
}

function pageRun(result: RunResult): PageRun {
  const { look } = runOf(result.id);
  const kept = spread(result.losses.length, MOST_POINTS);
  const losses = result.losses.map((loss) => Math.max(loss, SMALLEST_LOSS));
  const smoothed = smooth(losses, losses.length / 40);
  return {
    id: result.id,
    name: result.name,
    dash: look.dash,
    batch: result.batch,
    training: {
      steps: kept.map((index) => index + 1),
      losses: kept.map((index) => shortened(losses[index])),
      smoothed: kept.map((index) => shortened(smoothed[index])),
      rates: kept.map((index) => shortened(result.learningRates[index])),
    },
    evaluations: {
      steps: result.evaluations.map(({ step }) => step),
      accuracies: result.evaluations.map(({ accuracy }) => shortened(accuracy)),
    },
    events: eventsOf(result),
  };
}

const shortened = (value: number) => Number(value.toPrecision(4));

function eventsOf(result: RunResult): { step: number; text: string }[] {
  const { group, warmup } = runOf(result.id);
  const events = [];
  if (result.switch !== null) {
    events.push({
      step: result.switch.step,
      text: `SWATS turns into SGD at step ${format.count(result.switch.step)}`,
    });
  }
  if (group === 'warmup' && warmup !== null && result.warmupSteps !== null) {
    events.push({
      step: result.warmupSteps,
      text: `${warmup.kind} warm-up ends at step ${format.count(result.warmupSteps)}`,
    });
  }
  if (result.divergedAt !== null) {
    events.push({
      step: result.divergedAt,
      text: `${result.name}: diverged at step ${format.count(result.divergedAt)}`,
    });
  }
  return events;
}
