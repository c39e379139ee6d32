import { checkInteger, show } from '../core/validate.js';

/** Labelled rows of numbers: what a classifier learns from. */
export interface Dataset {
  readonly name: string;
  /** `rows * columns` numbers, row-major. */
  readonly features: Float32Array;
  /** The class of each row, in [0, classes). */
  readonly labels: Int32Array;
  readonly rows: number;
  readonly columns: number;
  readonly classes: number;
  /** The name of each class, by its number. */
  readonly classNames: readonly string[];
}

/** One data set in two parts: to learn from, and to judge by. */
export interface Split {
  readonly train: Dataset;
  readonly test: Dataset;
}

/**
 * The given rows of a data set, in the given order, as a data set of their own.
 * @throws RangeError naming the row that it does not have.
 */
export function selectRows(dataset: Dataset, rows: ArrayLike<number>): Dataset {
  const { columns } = dataset;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    if (!(Number.isInteger(row) && row >= 0 && row < dataset.rows)) {
      throw new RangeError(`rows[${i}] must be an integer in [0, ${dataset.rows}), got ${show(row)}`);
    }
  }
  const features = new Float32Array(rows.length * columns);
  const labels = new Int32Array(rows.length);
  for (let to = 0; to < rows.length; to++) {
    const from = rows[to];
    features.set(dataset.features.subarray(from * columns, (from + 1) * columns), to * columns);
    labels[to] = dataset.labels[from];
  }
  return { ...dataset, features, labels, rows: rows.length };
}

/**
 * The first rows of a data set, in the same memory: a part of the data to try something with.
 * @throws TypeError or RangeError where it does not have as many.
 */
export function firstRows(dataset: Dataset, rows: number): Dataset {
  checkInteger('rows', rows, 1);
  if (rows > dataset.rows) throw new RangeError(`rows must be at most ${dataset.rows}, got ${rows}`);
  const features = dataset.features.subarray(0, rows * dataset.columns);
  return { ...dataset, features, labels: dataset.labels.subarray(0, rows), rows };
}
