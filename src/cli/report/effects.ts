import { bySeed, outcomeOf, runsOf } from '../compare/claims/outcome.js';
import { levelInFlag } from '../compare/factors.js';
import type { Factor, Settings, Study, StudyRun } from '../compare/study.js';
import type { Effect } from './page-types.js';
import { spreadOf } from './standings.js';

/** The factors that were varied, and what each level leads to with all other settings alike. */
export function effects(study: Study): Effect[] {
  return study.factors
    .filter(({ levels }) => levels.length > 1)
    .map((factor) => ({
      factor: factor.name,
      levels: factor.levels.map((level) => {
        const runs = runsAtLevel(study, factor, level);
        return {
          name: levelInFlag(level),
          train: spreadOf(bySeed(study, runs, (run) => outcomeOf(run).trainMetric)),
          test: spreadOf(bySeed(study, runs, (run) => outcomeOf(run).testMetric)),
        };
      }),
    }))
    .filter(({ levels }) => levels.filter(({ test }) => test.values.length > 0).length > 1);
}

/**
 * The runs of a level whose other settings exist with every level that has runs at all: so that levels differ in nothing else. Where
 * rates are no factor of their own, each optimizer has its own.
 */
export function runsAtLevel(
  study: Study,
  { name, levels }: Factor,
  level: Factor['levels'][number],
): StudyRun[] {
  const ownRates = name === 'optimizer' && !study.factors.some((factor) => factor.name === 'lr');
  const others = (settings: Settings) =>
    JSON.stringify(
      Object.entries(settings)
        .filter(([key]) => key !== name && !(ownRates && key === 'lr'))
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  const isOfFactor = ({ optimizer, lr }: Settings) =>
    !ownRates || optimizer !== study.base.optimizer || lr === study.base.lr;
  const atLevel = (value: Factor['levels'][number]) =>
    study.configurations.filter(
      (configuration) =>
        configuration.settings[name] === value &&
        isOfFactor(configuration.settings) &&
        runsOf(study, configuration).length > 0,
    );
  const present = levels.map(atLevel).filter((configurations) => configurations.length > 0);
  const isShared = (settings: Settings) =>
    present.every((configurations) =>
      configurations.some((other) => others(other.settings) === others(settings)),
    );
  return atLevel(level)
    .filter(({ settings }) => isShared(settings))
    .flatMap((configuration) => runsOf(study, configuration));
}
