import type { Skipped } from '../checkpoint/folder.js';
import type { Evaluation } from './evaluate.js';

// What a training tells.

/** A step that is about to be taken: the gradients are there, the weights have not changed. */
export interface PendingStep extends Evaluation {
  /** The number of the epoch; the first one is 0. */
  readonly epoch: number;
  /** Its number in the run; the first one is 1. */
  readonly step: number;
  /** The learning rate that it will use. */
  readonly lr: number;
}

/** What a step did. */
export interface StepReport extends Evaluation {
  /** The number of the epoch; the first one is 0. */
  readonly epoch: number;
  /** Steps taken in the run, with this one. A run that goes on counts on. */
  readonly step: number;
  /** The learning rate that was used. */
  readonly lr: number;
  /** The norm of all gradients before it was clipped; null where `clipGradNorm` is not given. */
  readonly gradNorm: number | null;
  /** Rows seen in the run, each as often as it was seen. */
  readonly samples: number;
  /** Time spent on learning in the run: without validation, callbacks and checkpoints. */
  readonly seconds: number;
}

/** What an epoch did. `loss` and `metrics` are those of its rows, each as it was when its step was taken. */
export interface EpochReport extends Evaluation {
  readonly epoch: number;
  readonly step: number;
  /** Of the validation data after the epoch; null where there are none. */
  readonly validation: Evaluation | null;
  /** The learning rate of the last step. */
  readonly lr: number;
  readonly seconds: number;
  /** Of the epoch. */
  readonly samplesPerSecond: number;
}

/** Where a run goes on. */
export interface Resumed {
  /** The checkpoint. */
  readonly path: string;
  /** Newer ones that could not be read, the newest first, and why. */
  readonly skipped: readonly Skipped[];
  /** The epoch that it goes on with. */
  readonly epoch: number;
  /** Steps of that epoch which are done. */
  readonly stepsInEpoch: number;
  /** Steps of the run which are done. */
  readonly step: number;
  /** What the functions in `checkpoint.extra` had returned, by name. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** Why a training ended: all epochs were done, or one of the options says so, a hook by returning `'stop'`. */
export type Ending = 'epochs' | 'earlyStopping' | 'afterStep' | 'afterEpoch';

/** What a training did: all of the run, also where it went on from a checkpoint. */
export interface History {
  readonly epochs: readonly EpochReport[];
  readonly steps: number;
  readonly endedBy: Ending;
  /** The number of the best epoch; null without `earlyStopping`. */
  readonly bestEpoch: number | null;
}
