import type { Machine } from '../machine.js';

/** Settings of one way of training: a value for every factor. Values are plain JSON. */
export interface Settings {
  /** Or the path of the user's module. */
  readonly network: 'mlp' | 'cnn' | 'resnet' | string;
  readonly depth: number;
  readonly width: number;
  readonly activation: string;
  readonly init: string;
  readonly norm: 'none' | 'layer' | 'batch';
  readonly residual: boolean;
  /** As on the command line: `sgd`, `momentum`, `adam`, `lion` ... */
  readonly optimizer: string;
  readonly lr: number;
  readonly warmup: 'none' | 'constant' | 'gradual';
  readonly batch: number | 'full';
}

export interface Configuration {
  readonly id: string;
  readonly name: string;
  readonly settings: Settings;
}

/** What one configuration did with one seed. */
export interface StudyRun {
  /** Of all that decides it. */
  readonly hash: string;
  /** Its id. */
  readonly configuration: string;
  readonly seed: number;
  readonly steps: number;
  /** Training loss of the batch at each step, thinned to at most 3000, at `lossSteps`. */
  readonly losses: readonly number[];
  readonly lossSteps: readonly number[];
  /** At `lossSteps`. */
  readonly learningRates: readonly number[];
  readonly evaluations: readonly {
    readonly step: number;
    readonly trainLoss: number;
    readonly trainMetric: number;
    readonly testLoss: number;
    readonly testMetric: number;
  }[];
  readonly divergedAt: number | null;
  readonly stepsToGoal: number | null;
  readonly secondsToGoal: number | null;
  readonly seconds: number;
  readonly samplesPerSecond: number;
  readonly weightsHash: string;
  /** SWATS: when it turned into SGD, and at which rate. */
  readonly switch: { readonly step: number; readonly lr: number } | null;
  readonly warmupSteps: number | null;
}

/** What an optimizer reached on the validation rows with one of the rates that were tried. */
export interface Trial {
  readonly optimizer: string;
  readonly lr: number;
  readonly budget: number;
  readonly validationLoss: number | null;
}

/** One of the settings, and the values that were tried of it. */
export interface Factor {
  readonly name: keyof Settings;
  readonly levels: readonly (string | number | boolean)[];
}

/** A whole study: what was run, on what, and what came out. */
export interface Study {
  readonly schema: 1;
  readonly version: string;
  /** ISO 8601. */
  readonly date: string;
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
    readonly classes: number;
  };
  readonly metric: 'accuracy' | 'r2';
  readonly goal: number;
  readonly epochs: number;
  readonly seeds: readonly number[];
  readonly base: Settings;
  readonly factors: readonly Factor[];
  readonly configurations: readonly Configuration[];
  readonly runs: readonly StudyRun[];
  readonly trials: readonly Trial[];
}
