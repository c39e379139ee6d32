import { outcomeOf, runsOf } from '../compare/claims/outcome.js';
import { bootstrapInterval, median } from '../compare/statistics.js';
import type { Configuration, Study, StudyRun } from '../compare/study.js';
import type { Spread } from './page-types.js';

/** Where a configuration ended, over its seeds. */
export interface Standing {
  /** Among the configurations of the study. */
  readonly index: number;
  readonly configuration: Configuration;
  readonly runs: readonly StudyRun[];
  readonly testMetric: Spread;
  readonly trainMetric: Spread;
  /** How much better it is on the rows that it learnt from. */
  readonly gap: Spread;
  readonly testLoss: Spread;
  /** Over the seeds that got there, which may be none. */
  readonly stepsToGoal: Spread;
  readonly secondsToGoal: Spread;
  readonly seconds: Spread;
  readonly samplesPerSecond: Spread;
  readonly diverged: number;
}

/** All bootstrap intervals are drawn from this seed: the same study, the same page. */
const SEED = 1;

/** Of what is a number: a comparison with one seed knows nothing of the rows learnt from. */
export function spreadOf(all: readonly number[]): Spread {
  const values = all.filter(Number.isFinite);
  if (values.length === 0) return { values, median: Number.NaN, low: Number.NaN, high: Number.NaN };
  return { values, median: median(values), ...bootstrapInterval(values, SEED) };
}

const known = new WeakMap<Study, readonly Standing[]>();

/** The configurations that have runs, the best on the test rows first. */
export function standings(study: Study): readonly Standing[] {
  const found =
    known.get(study) ??
    study.configurations
      .map((configuration, index) => standing(configuration, index, runsOf(study, configuration)))
      .filter(({ runs }) => runs.length > 0)
      .sort((a, b) => b.testMetric.median - a.testMetric.median);
  known.set(study, found);
  return found;
}

function standing(configuration: Configuration, index: number, runs: readonly StudyRun[]): Standing {
  const outcomes = runs.map(outcomeOf);
  const over = (value: (run: StudyRun) => number | null) =>
    spreadOf(runs.map(value).filter((found) => found !== null));
  return {
    index,
    configuration,
    runs,
    testMetric: spreadOf(outcomes.map(({ testMetric }) => testMetric)),
    trainMetric: spreadOf(outcomes.map(({ trainMetric }) => trainMetric)),
    gap: spreadOf(outcomes.map(({ trainMetric, testMetric }) => trainMetric - testMetric)),
    testLoss: spreadOf(outcomes.map(({ testLoss }) => testLoss)),
    stepsToGoal: over(({ stepsToGoal }) => stepsToGoal),
    secondsToGoal: over(({ secondsToGoal }) => secondsToGoal),
    seconds: over(({ seconds }) => seconds),
    samplesPerSecond: over(({ samplesPerSecond }) => samplesPerSecond),
    diverged: runs.filter(({ divergedAt }) => divergedAt !== null).length,
  };
}
