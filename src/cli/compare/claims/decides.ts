import * as format from '../../../text/format.js';
import { pairedDifference } from '../statistics.js';
import type { Settings, Study, StudyRun } from '../study.js';
import type { Finding } from './claim.js';
import { contrast, values } from './contrast.js';
import { outcomeOf, resolutionOf } from './outcome.js';

type Choice = (value: string | number | boolean) => boolean;

/** A network learns at all where it gets this share of the way from guessing to always right, on rows learnt from. */
const LEARNS = 0.1;

/** What guessing gives. */
const guess = ({ metric, data }: Study) => (metric === 'accuracy' ? 1 / data.classes : 0);

/** Where a depth stands, with a choice and without it. */
interface AtDepth {
  readonly depth: number;
  /** Shares of runs that learn. */
  readonly withIt: number;
  readonly without: number;
  readonly isClear: boolean;
}

/**
 * Whether there is a depth at which all runs learn with a choice and none does without it, by more than chance. Not supported where
 * networks learn either way at the greatest of several depths; open in between.
 */
export function decides(
  study: Study,
  level: number,
  name: keyof Settings,
  withIt: Choice,
  without: Choice,
): Finding | null {
  const depths = [...new Set(study.configurations.map(({ settings }) => settings.depth))].sort(
    (a, b) => a - b,
  );
  const standing = (depth: number): AtDepth[] => {
    const found = contrast(study, { depth, [name]: withIt }, { depth, [name]: without });
    if (found === null) return [];
    const learns = (run: StudyRun) => outcomeOf(run).trainMetric - guess(study) > LEARNS * (1 - guess(study));
    const share = (runs: readonly StudyRun[]) => runs.filter(learns).length / runs.length;
    const { a, b } = values(found, (run) => outcomeOf(run).trainMetric);
    // Each depth is a chance to be misled.
    const { verdict } = pairedDifference(a, b, {
      level: level / depths.length,
      leastDeviation: resolutionOf(study),
    });
    return [{ depth, withIt: share(found.a), without: share(found.b), isClear: verdict === 'ahead' }];
  };
  const found = depths.flatMap(standing);
  if (found.length === 0) return null;
  const deepest = found[found.length - 1];
  const decisive = found.find((at) => at.withIt === 1 && at.without === 0 && at.isClear);
  const learnsAnyway = found.length > 1 && deepest.withIt === 1 && deepest.without === 1;
  return {
    verdict: decisive !== undefined ? 'supported' : learnsAnyway ? 'not supported' : 'open',
    numbers: found.map((at) => ({
      what: `depth ${at.depth}`,
      text: `${format.percent(at.withIt, 0)} of runs learn with it, ${format.percent(at.without, 0)} without`,
    })),
    figure: 'figure-trainMetric',
  };
}
