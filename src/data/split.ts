import { Generator } from '../array/generator.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { checkGreater, checkInteger } from '../core/validate.js';
import { type Dataset, type Split, selectRows } from './dataset.js';

export interface SplitTrainTestOptions {
  /** The share of each class that goes to the test part, in (0, 1). Default 0.2. */
  readonly testShare?: number;
  /** Default 0. */
  readonly seed?: number;
}

const OPTIONS: OptionNames<SplitTrainTestOptions> = { testShare: true, seed: true };

/**
 * Splits a data set at random, each class in the same proportion, the same way for the same seed.
 *
 * A class of two rows or more is in both parts; a class of one row is in the training part only.
 */
export function splitTrainTest(dataset: Dataset, options: SplitTrainTestOptions = {}): Split {
  checkOptions('splitTrainTest', options, OPTIONS);
  const { testShare = 0.2, seed = 0 } = options;
  checkGreater('testShare', testShare, 0);
  if (testShare >= 1) throw new RangeError(`testShare must be less than 1, got ${testShare}`);
  checkInteger('seed', seed, 0);

  const order = new Generator(seed).permutation(dataset.rows);
  const wanted = testRowsPerClass(dataset, testShare);
  const train: number[] = [];
  const test: number[] = [];
  for (const row of order) {
    const label = dataset.labels[row];
    const open = wanted[label];
    (open > 0 ? test : train).push(row);
    wanted[label] = Math.max(0, open - 1);
  }
  return { train: selectRows(dataset, train), test: selectRows(dataset, test) };
}

function testRowsPerClass(dataset: Dataset, testShare: number): number[] {
  const counts = new Array<number>(dataset.classes).fill(0);
  for (const label of dataset.labels) counts[label] = counts[label] + 1;
  return counts
    .map((rows) => Math.min(rows - 1, Math.max(1, Math.round(rows * testShare))))
    .map((n) => Math.max(0, n));
}
