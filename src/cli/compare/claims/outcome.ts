import { mean } from '../statistics.js';
import type { Configuration, Study, StudyEvaluation, StudyRun } from '../study.js';

/**
 * What a run came to: the last evaluation. One that diverged counts as a network that learnt nothing, with the evaluation
 * before its first step.
 */
export function outcomeOf({ evaluations, divergedAt }: StudyRun): StudyEvaluation {
  return evaluations[divergedAt === null ? evaluations.length - 1 : 0];
}

/** The runs of a configuration, by ascending seed. */
export function runsOf({ runs }: Pick<Study, 'runs'>, { id }: Pick<Configuration, 'id'>): StudyRun[] {
  return runs.filter(({ configuration }) => configuration === id).sort((a, b) => a.seed - b.seed);
}

/** How much better than another a run has to be for it to be one test row. */
export const resolutionOf = ({ metric, data }: Pick<Study, 'metric' | 'data'>): number =>
  metric === 'accuracy' ? 1 / data.testRows : 0;

/** One number for each seed: the mean over all that was run with it. */
export function bySeed(
  { seeds }: Pick<Study, 'seeds'>,
  runs: readonly StudyRun[],
  value: (run: StudyRun) => number,
): number[] {
  return seeds.flatMap((seed) => {
    const own = runs.filter((run) => run.seed === seed).map(value);
    return own.length === 0 ? [] : [mean(own)];
  });
}
