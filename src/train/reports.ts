import type { Evaluation } from './evaluate.js';

// What a training tells.

/** A step that is about to be taken: the gradients are there, the weights have not changed. */
export interface PendingStep extends Evaluation {
  /** The number of the epoch; the first one is 0. */
  readonly epoch: number;
  /** Its number in this call of `fit`; the first one is 1. */
  readonly step: number;
  /** The learning rate that it will use. */
  readonly lr: number;
}

/** What a step did. */
export interface StepReport extends Evaluation {
  /** The number of the epoch; the first one is 0. */
  readonly epoch: number;
  /** Steps taken in this call of `fit`, with this one. */
  readonly step: number;
  /** The learning rate that was used. */
  readonly lr: number;
  /** The norm of all gradients before it was clipped; null where `clipGradNorm` is not given. */
  readonly gradNorm: number | null;
  /** Rows seen in this call of `fit`, each as often as it was seen. */
  readonly samples: number;
  /** Time spent on learning in this call of `fit`: without validation and callbacks. */
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

/** Why a training ended: all epochs were done, or one of the options says so, a hook by returning `'stop'`. */
export type Ending = 'epochs' | 'earlyStopping' | 'afterStep' | 'afterEpoch';

/** What a training did. */
export interface History {
  readonly epochs: readonly EpochReport[];
  readonly steps: number;
  readonly endedBy: Ending;
  /** The number of the best epoch; null without `earlyStopping`. */
  readonly bestEpoch: number | null;
}
