import type { StudyData } from '../../src/cli/compare/data.js';
import { baseFor } from '../../src/cli/compare/plan.js';
import type { Configuration, Study, StudyRun } from '../../src/cli/compare/study.js';
import { type Task, train } from '../../src/cli/compare/train.js';
import { differences } from '../../src/cli/report/differences.js';

const SEEDS = [0, 1, 2];

/**
 * Whether a study of two names of one optimizer claims a difference. The seeds of one are none of the other's: nothing but chance is
 * between them.
 */
export async function flipsCoins(
  data: StudyData,
  number: number,
  { epochs, limit }: Pick<Task, 'epochs' | 'limit'>,
): Promise<boolean> {
  const settings = { ...baseFor({ optimizer: 'adam' }, data), lr: 0.001 };
  const configurations: Configuration[] = ['heads', 'tails'].map((id) => ({ id, name: id, settings }));
  const runs: StudyRun[] = [];
  for (const [side, { id }] of configurations.entries()) {
    for (const seed of SEEDS) {
      const own = SEEDS.length * (2 * number + side) + seed;
      const task = { hash: id, configuration: id, settings, seed: own, epochs, limit, goal: 0.97 };
      runs.push({ ...(await train(task, data, () => {})), seed });
    }
  }
  const study: Study = {
    ...{ schema: 1, version: '', date: '', command: '', machine: { cpu: '', platform: '', node: '' } },
    ...{ target: '', threads: 1, metric: 'accuracy', goal: 0.97, epochs, factors: [], trials: [] },
    data: { ...data, trainRows: data.train.rows, testRows: data.test.rows },
    ...{ base: settings, seeds: SEEDS, configurations, runs },
  };
  return differences(study).pairs.some(({ verdict }) => verdict !== 'open');
}
