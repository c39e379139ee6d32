import * as format from '../../text/format.js';
import type { Comparison, RunResult } from '../compare/result.js';

/** What the numbers say, in a few sentences. */
export function findings({ runs, goalAccuracy }: Comparison): string[] {
  const goal = format.percent(goalAccuracy, 0);
  const best = [...runs].sort((a, b) => b.bestAccuracy - a.bestAccuracy)[0];
  const reached = runs
    .flatMap((run) => (run.stepsToGoal === null ? [] : [{ name: run.name, steps: run.stepsToGoal }]))
    .sort((a, b) => a.steps - b.steps);
  const sentences = [`${best.name} is the best on the test rows: ${format.percent(best.bestAccuracy)}.`];
  sentences.push(
    reached.length === 0
      ? `No run reached ${goal} on the test rows.`
      : `${reached[0].name} is the first to reach ${goal}, after ${format.counted(reached[0].steps, 'step')}${others(reached.length, runs.length)}.`,
  );
  return [...sentences, ...runs.flatMap(aboutRun)];
}

function others(reached: number, all: number): string {
  return reached === all ? '; all get there' : `; ${all - reached} of ${all} never get there`;
}

function aboutRun(run: RunResult): string[] {
  const sentences = [];
  if (run.switch !== null) {
    const rate = format.rate(run.switch.lr);
    sentences.push(
      `${run.name} turned from Adam into SGD at step ${format.count(run.switch.step)}, with a learnt rate of ${rate}.`,
    );
  }
  if (run.divergedAt !== null) {
    sentences.push(`${run.name} diverged at step ${format.count(run.divergedAt)} and was stopped.`);
  }
  return sentences;
}
