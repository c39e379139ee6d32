import type { Machine } from '../machine.js';

/** What an evaluation on the whole test set found. */
export interface TestResult {
  /** How many steps had been taken. */
  readonly step: number;
  /** Mean cross entropy. */
  readonly loss: number;
  /** Share of right answers, in [0, 1]. */
  readonly accuracy: number;
}

/** Everything one run of a comparison produced, as plain JSON. */
export interface RunResult {
  /** The name of the run on the command line. */
  readonly id: string;
  readonly name: string;
  /** The optimizer's settings in words. */
  readonly settings: string;
  /** Rows in a batch. */
  readonly batch: number;
  /** Steps taken: fewer than planned when the run diverged. */
  readonly steps: number;
  /** The training loss of the batch at each step, before the step was taken. */
  readonly losses: readonly number[];
  /** The learning rate in force at each step. */
  readonly learningRates: readonly number[];
  readonly evaluations: readonly TestResult[];
  /** Mean training loss over the last tenth of the steps, at most 100; `null` when the run diverged. */
  readonly finalLoss: number | null;
  readonly bestAccuracy: number;
  /** The first evaluation at or above the accuracy that is the goal happened after this many steps; `null` if none did. */
  readonly stepsToGoal: number | null;
  /** Time spent training, evaluations not counted. */
  readonly seconds: number;
  readonly samplesPerSecond: number;
  /** First 16 hexadecimal digits of the SHA-256 of all parameters' bytes, in order. */
  readonly weightsHash: string;
  /** The step at which a loss, in training or testing, was no finite number any more and the run was stopped. */
  readonly divergedAt: number | null;
  /** SWATS: when it turned from Adam into SGD, and the rate it had learnt by then. */
  readonly switch: { readonly step: number; readonly lr: number } | null;
  /** How many steps the warm-up lasted; `null` for a run without one, or one whose warm-up never ended. */
  readonly warmupSteps: number | null;
}

/** A whole comparison: what was run, on what, and what came out. */
export interface Comparison {
  readonly version: string;
  /** ISO 8601. */
  readonly date: string;
  /** The command that gives this comparison again. */
  readonly command: string;
  readonly machine: Machine;
  readonly target: string;
  readonly threads: number;
  readonly seed: number;
  readonly data: {
    readonly name: string;
    readonly trainRows: number;
    readonly testRows: number;
    readonly columns: number;
    readonly classes: number;
  };
  readonly network: { readonly layers: string; readonly parameters: number };
  readonly epochs: number;
  readonly batch: number;
  /** The test accuracy whose reaching is timed. */
  readonly goalAccuracy: number;
  readonly runs: readonly RunResult[];
}
