/** Everything the script of the report's page draws, as plain JSON. */
export interface PageData {
  /** Rows of the training part: turns steps into passes over the data. */
  readonly trainRows: number;
  readonly goalAccuracy: number;
  /** Half of one test row's share: accuracies are drawn no nearer to 1 than this. */
  readonly resolution: number;
  readonly runs: readonly PageRun[];
  readonly walks: Walks;
}

export interface PageRun {
  readonly id: string;
  readonly name: string;
  /** Lengths of dashes and gaps; none for a solid line. */
  readonly dash: readonly number[];
  readonly batch: number;
  readonly training: {
    readonly steps: readonly number[];
    readonly losses: readonly number[];
    readonly smoothed: readonly number[];
    readonly rates: readonly number[];
  };
  readonly evaluations: { readonly steps: readonly number[]; readonly accuracies: readonly number[] };
  /** What happened on the way, to be marked in the charts. */
  readonly events: readonly { readonly step: number; readonly text: string }[];
}

/** By surface and run. */
export type Walks = Readonly<Record<string, Readonly<Record<string, Walk>>>>;

/** The way of a run's optimizer over a surface. */
export interface Walk {
  /** `x, y` after 0, 1, 2 ... steps. */
  readonly points: readonly number[];
  /** The step at which the optimizer turned into another one. */
  readonly switchStep: number | null;
}
