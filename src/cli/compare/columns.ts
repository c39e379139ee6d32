import * as format from '../../text/format.js';
import type { Column } from '../../text/table.js';
import type { RunResult } from './result.js';

/** A column of the table of results, in the terminal and in the report. */
export interface ResultColumn extends Column<RunResult> {
  /** What makes one run better than another, and which way; `null` for a run that has no value. */
  readonly value?: (run: RunResult) => number | null;
  readonly best?: 'highest' | 'lowest';
}

export function resultColumns(goalAccuracy: number): readonly ResultColumn[] {
  return [
    { title: 'run', align: 'left', text: ({ name }) => name },
    { title: 'final loss', align: 'right', text: finalLoss, value: (run) => run.finalLoss, best: 'lowest' },
    {
      title: 'best test accuracy',
      align: 'right',
      text: ({ bestAccuracy }) => format.percent(bestAccuracy),
      value: ({ bestAccuracy }) => bestAccuracy,
      best: 'highest',
    },
    {
      title: `steps to ${format.percent(goalAccuracy, 0)}`,
      align: 'right',
      text: ({ stepsToGoal }) => (stepsToGoal === null ? format.NOTHING : format.count(stepsToGoal)),
      value: ({ stepsToGoal }) => stepsToGoal,
      best: 'lowest',
    },
    { title: 'time', align: 'right', text: ({ seconds }) => format.duration(seconds) },
    { title: 'samples/s', align: 'right', text: ({ samplesPerSecond }) => format.count(samplesPerSecond) },
    { title: 'weights', align: 'left', text: ({ weightsHash }) => weightsHash },
  ];
}

function finalLoss({ finalLoss, divergedAt }: RunResult): string {
  if (finalLoss !== null) return format.loss(finalLoss);
  return divergedAt === null ? format.NOTHING : `diverged at ${format.count(divergedAt)}`;
}
