/** Everything the script of the report's page draws, as plain JSON. */
export interface PageData {
  /** What files are called that the reader downloads. */
  readonly name: string;
  /** Rows of the training part: turns steps into passes over the data. */
  readonly trainRows: number;
  readonly metric: 'accuracy' | 'r2';
  readonly goal: number;
  /** Half of one test row's share: accuracies are drawn no nearer to 1 than this. */
  readonly resolution: number;
  readonly configurations: readonly PageConfiguration[];
  readonly tuned: readonly Tuned[];
  readonly effects: readonly Effect[];
  readonly walks: Walks;
}

/** What is drawn of a configuration over its steps. */
export const MEASURES = ['loss', 'trainMetric', 'testMetric', 'testLoss', 'rate'] as const;
export type Measure = (typeof MEASURES)[number];

export interface PageConfiguration {
  /** Its colour is the property `--run-` and this. */
  readonly key: string;
  /** As in the study; links name it. */
  readonly id: string;
  readonly name: string;
  /** Lengths of dashes and gaps; none for a solid line. */
  readonly dash: readonly number[];
  /** Rows in a batch. */
  readonly batch: number;
  /** Whether it is drawn before the reader has chosen. */
  readonly shown: boolean;
  readonly curves: Readonly<Record<Measure, Curve>>;
  /** What happened on the way, to be marked in the charts. */
  readonly events: readonly { readonly step: number; readonly text: string }[];
}

/** Over the seeds, at some steps. `low` and `high` are empty where there is one seed. */
export interface Curve {
  readonly steps: readonly number[];
  readonly median: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** What an optimizer reached with each rate that was tried; `null`: it diverged. */
export interface Tuned {
  readonly key: string;
  readonly name: string;
  readonly dash: readonly number[];
  readonly rates: readonly number[];
  readonly losses: readonly (number | null)[];
}

/** What the levels of a factor lead to: a mark for the median, a line for its interval, a dot for every seed. */
export interface Effect {
  readonly factor: string;
  readonly levels: readonly {
    readonly name: string;
    readonly train: Spread;
    readonly test: Spread;
  }[];
}

export interface Spread {
  readonly values: readonly number[];
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** By surface and walker. */
export type Walks = Readonly<Record<string, Readonly<Record<string, Walk>>>>;

/** The way of an optimizer over a surface. */
export interface Walk {
  /** `x, y` after 0, 1, 2 ... steps. */
  readonly points: readonly number[];
  /** The step at which the optimizer turned into another one. */
  readonly switchStep: number | null;
}
