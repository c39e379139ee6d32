import type { Machine } from '../machine.js';

/** Settings of one way of training: a value for every factor. Values are plain JSON. */
export interface Settings {
  /** `'mlp'`, `'cnn'`, `'resnet'`, or the path of the user's module. */
  readonly network: string;
  readonly depth: number;
  readonly width: number;
  readonly activation: string;
  readonly init: string;
  readonly norm: 'none' | 'layer' | 'batch';
  readonly residual: boolean;
  /** The optimizer's name: `'sgd'`, `'momentum'`, `'adam'`, `'lion'` ... */
  readonly optimizer: string;
  readonly lr: number;
  readonly warmup: 'none' | 'constant' | 'gradual';
  /** Rows in a batch; `'full'`: all rows to learn from. */
  readonly batch: number | 'full';
}

/** A value of a factor. */
export type Level = Settings[keyof Settings];

/** What a study varies, and over which values. */
export interface Factor {
  readonly name: keyof Settings;
  readonly levels: readonly Level[];
}

/** One way of training among those that are compared. */
export interface Configuration {
  readonly id: string;
  readonly name: string;
  readonly settings: Settings;
}

/** What an evaluation on the rows to learn from and on the test rows found. */
export interface StudyEvaluation {
  /** How many steps had been taken. */
  readonly step: number;
  readonly trainLoss: number;
  readonly trainMetric: number;
  readonly testLoss: number;
  readonly testMetric: number;
}

/** What one configuration did with one seed. */
export interface StudyRun {
  /** Of all that decides it. */
  readonly hash: string;
  /** The id of its configuration. */
  readonly configuration: string;
  readonly seed: number;
  /** Steps taken: fewer than planned when the run diverged. */
  readonly steps: number;
  /** The training loss of the batch at each of `lossSteps`, before the step was taken. */
  readonly losses: readonly number[];
  /** Counted from 1, at most 3,000, the first and the last among them. */
  readonly lossSteps: readonly number[];
  /** At `lossSteps`. */
  readonly learningRates: readonly number[];
  readonly evaluations: readonly StudyEvaluation[];
  /** The step at which a loss, in training or testing, was no finite number any more and the run was stopped. */
  readonly divergedAt: number | null;
  /** The first evaluation at or above the goal happened after this many steps; `null` if none did. */
  readonly stepsToGoal: number | null;
  /** Time spent training until then. */
  readonly secondsToGoal: number | null;
  /** Time spent training, evaluations not counted. */
  readonly seconds: number;
  readonly samplesPerSecond: number;
  /** First 16 hexadecimal digits of the SHA-256 of all parameters' bytes, in order. */
  readonly weightsHash: string;
  /** SWATS: when it turned from Adam into SGD, and the rate it had learnt by then. */
  readonly switch: { readonly step: number; readonly lr: number } | null;
  /** How many steps the warm-up lasted; `null` for a run without one, or one whose warm-up never ended. */
  readonly warmupSteps: number | null;
}

/** One try of an optimizer at one rate, while rates were chosen. */
export interface Trial {
  readonly optimizer: string;
  readonly lr: number;
  /** Steps it was given. */
  readonly budget: number;
  /** On rows that neither trained nor test; `null` where it diverged. */
  readonly validationLoss: number | null;
}

/** A whole study: what was run, on what, and what came out. Plain JSON, whose schema is docs/study.schema.json. */
export interface Study {
  readonly schema: 1;
  readonly version: string;
  /** ISO 8601. */
  readonly date: string;
  /** The command that gives this study again. */
  readonly command: string;
  readonly machine: Machine;
  readonly target: string;
  readonly threads: number;
  readonly data: {
    readonly name: string;
    readonly kind: 'classification' | 'regression';
    readonly trainRows: number;
    readonly testRows: number;
    readonly columns: number;
    /** Numbers that the network gives for a row: classes, or targets of a regression. */
    readonly classes: number;
  };
  readonly metric: 'accuracy' | 'r2';
  /** The metric on the test rows whose reaching is timed. */
  readonly goal: number;
  readonly epochs: number;
  readonly seeds: readonly number[];
  readonly base: Settings;
  readonly factors: readonly Factor[];
  readonly configurations: readonly Configuration[];
  /** One for each configuration and seed, in this order. */
  readonly runs: readonly StudyRun[];
  readonly trials: readonly Trial[];
}
