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

/** The given rows of a data set, in the given order, as a data set of their own. */
export function selectRows(dataset: Dataset, rows: ArrayLike<number>): Dataset {
  const { columns } = dataset;
  const features = new Float32Array(rows.length * columns);
  const labels = new Int32Array(rows.length);
  for (let to = 0; to < rows.length; to++) {
    const from = rows[to];
    features.set(dataset.features.subarray(from * columns, (from + 1) * columns), to * columns);
    labels[to] = dataset.labels[from];
  }
  return { ...dataset, features, labels, rows: rows.length };
}
