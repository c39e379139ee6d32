import type { Dataset, Split } from './dataset.js';

/**
 * Shifts and scales every column to mean 0 and standard deviation 1, in place.
 *
 * The mean and the deviation are those of the training part, for both parts: the test part must not leak into what is
 * learnt. A column that never varies in training is only shifted. Computed in double, in two passes.
 */
export function standardise(split: Split): Split {
  const { columns } = split.train;
  for (let column = 0; column < columns; column++) {
    const mean = meanOf(split.train, column);
    const deviation = deviationOf(split.train, column, mean) || 1;
    for (const part of [split.train, split.test]) {
      const { features } = part;
      for (let at = column; at < features.length; at += columns) {
        features[at] = (features[at] - mean) / deviation;
      }
    }
  }
  return split;
}

function meanOf({ features, columns, rows }: Dataset, column: number): number {
  let sum = 0;
  for (let at = column; at < features.length; at += columns) sum += features[at];
  return sum / rows;
}

function deviationOf({ features, columns, rows }: Dataset, column: number, mean: number): number {
  let sum = 0;
  for (let at = column; at < features.length; at += columns) sum += (features[at] - mean) ** 2;
  return Math.sqrt(sum / rows);
}
