/** A step of sequences side by side: some rows of an array of the rows of all steps. */
export interface Step {
  readonly begin: number;
  readonly rows: number;
  /** The one that comes before it in time, as its direction has it: null for the first. */
  readonly previous: Step | null;
}

/** The steps of sequences that are there longest first, so that those of a step are the first ones. */
export interface Steps {
  /** How many sequences there are. */
  readonly batch: number;
  /** How many rows all steps have. */
  readonly rows: number;
  /** In the order of their direction. */
  readonly list: readonly Step[];
  /** The row of each sequence's last step in that order. */
  readonly last: Int32Array;
}

/** @param batchSizes how many sequences each step has: none more than the one before. */
export function stepsOf(batchSizes: Int32Array, isReverse: boolean): Steps {
  const begins = new Int32Array(batchSizes.length);
  for (let t = 1; t < begins.length; t++) begins[t] = begins[t - 1] + batchSizes[t - 1];
  const [batch] = batchSizes;
  const end = batchSizes.length - 1;
  const list: Step[] = [];
  const last = new Int32Array(batch);
  for (let k = 0; k <= end; k++) {
    const t = isReverse ? end - k : k;
    const step = { begin: begins[t], rows: batchSizes[t], previous: list.at(-1) ?? null };
    list.push(step);
    for (let i = 0; i < step.rows; i++) last[i] = step.begin + i;
  }
  return { batch, rows: begins[end] + batchSizes[end], list, last };
}
