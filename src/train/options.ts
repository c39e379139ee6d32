import type { Parameter } from '../array/parameter.js';
import type { OptionNames } from '../core/options.js';
import type { HessianEstimate } from '../optim/index.js';
import type { LearningRate } from '../schedule/index.js';
import type { Output } from '../text/progress-line.js';
import type { CheckpointOptions } from './checkpoints/options.js';
import type { EarlyStoppingOptions } from './early-stopping.js';
import type { Loss } from './evaluate.js';
import type { EvaluationWeights } from './evaluation-weights.js';
import type { Target } from './examples.js';
import type { Data } from './feed.js';
import { HOOKS, type Hooks } from './hooks.js';
import type { DistributedOptions } from './leaves/options.js';
import type { Metric } from './metrics/metric.js';
import type { SampledLoss } from './sampled-loss.js';

/** What `fit` needs of an optimizer: all of Lockstep's have it. */
export interface Stepper {
  get lr(): number;
  set lr(lr: LearningRate);
  readonly steps: number;
  parameters(): Parameter[];
  /**
   * @param closure gives the loss of the step's rows, with its gradients: the first time those that are there, then those at the
   * weights as they have become. An optimizer that has no use for it need not call it.
   */
  step(closure: () => number): unknown;
  zeroGrad(): void;
  observe(metric: number): void;
  /** Of an optimizer whose steps and whose results are different weights, as those without a schedule have them. */
  readonly evaluationWeights?: EvaluationWeights;
  /** Of an optimizer that wants gradients of {@link FitOptions.sampledLoss} between steps, as SophiaG does. */
  readonly hessian?: HessianEstimate | undefined;
}

/** See {@link fit}. */
export interface FitOptions<Y extends Target> extends Hooks {
  /** The loss of an output and the targets of its rows, the mean over the rows: `crossEntropy`, `mse`, or your own. */
  readonly loss: Loss<Y>;
  /**
   * Trains the parameters it was made with. One that searches, such as an update that calls `closure.evaluate()`, gets the loss
   * of the step's rows again as often as it asks, with gradients that are clipped: in one go, without `beforeStep` and without
   * a turn for the event loop. Layers without a generator of their own then draw the same random numbers; those with
   * statistics, such as BatchNorm1d, see the rows once more.
   */
  readonly optimizer: Stepper;
  /**
   * The loss at targets that are drawn from what the model predicts, for an optimizer that estimates the Hessian by its gradients,
   * such as `SophiaG`: after the steps at which it asks for that (every tenth), the rows of the step go through the model once more, in
   * training mode, and the gradients are not clipped. Others take no notice. Default, where `loss` is `crossEntropy` itself: labels
   * by `sampleCategorical(output)`; where it is `mse` itself: the normal distribution around the output whose variance is half of
   * the numbers of a row, with which `mse` is minus the logarithm of its density. With any other it must be given.
   */
  readonly sampledLoss?: SampledLoss<Y>;
  /** Replaces the optimizer's learning rate. Default: it keeps its own. */
  readonly schedule?: LearningRate;
  /** How often to go through all rows. Default 1. */
  readonly epochs?: number;
  /**
   * The number of the first epoch. A run that goes on where another ended gives the number of epochs so far, and does the
   * same as one run would have. Default 0.
   */
  readonly initialEpoch?: number;
  /** Rows that go through the model at once. Not with data that decide it. Default 32. */
  readonly batchSize?: number;
  /** Whether every epoch has another order. Not with data that decide it. Default true. */
  readonly shuffle?: boolean;
  /** Whether rows that do not fill a last step are left out of the epoch. Not with data that decide it. Default false. */
  readonly dropLast?: boolean;
  /**
   * Batches to a step. Its gradient is that of the mean loss over all their rows, as if they were one batch (but for
   * layers such as BatchNorm1d, which see one batch at a time). Not with a loader, which has `rowsAtOnce`. Of an iterable's batches
   * so many are held at a time, and must not be overwritten meanwhile. Default 1.
   */
  readonly gradientAccumulation?: number;
  /**
   * Into how many micro-batches every batch is split. The gradient of each starts from zero, and they are added up along one tree: the
   * weights end with the same bits, however many processes share the micro-batches, and one alone. It takes part in deciding
   * these bits, as `batchSize` does, which it divides. A short last batch has fewer micro-batches, of the same rows. Layers such as
   * BatchNorm1d see one at a time; random numbers depend on the seed, the step and the micro-batch. With a loader it is what
   * `batchSize` and `rowsAtOnce` say. Neither with an iterable of batches, nor with `gradientAccumulation`. Default: batches are not split.
   */
  readonly microBatches?: number;
  /**
   * Whether the processes that `init()` of `lockstep/distributed` has joined share the micro-batches, which `microBatches` says. All of
   * them must call `fit` with the same model, data and options, and end with the same weights: those of the first one are everybody's
   * at the start. They share the batches of the validation too, with the numbers of one process; each makes all samples of a loader with
   * threads. Checkpoints are written by the first one, and read by all. An optimizer must not evaluate the loss again, as `SAM` and `LBFGS` do. Default false.
   */
  readonly distributed?: boolean | DistributedOptions;
  /** Judges the model after every epoch. */
  readonly validation?: Data<Y>;
  /** Rows of the validation that go through the model at once, where it is rows in memory. Default: as many as in training. */
  readonly validationBatchSize?: number;
  /** What to report beside the loss, by name: `{ accuracy, f1: f1({ average: 'macro' }) }`. */
  readonly metrics?: Readonly<Record<string, Metric<Y>>>;
  /**
   * What `earlyStopping` and metric-driven schedules go by after each epoch: `'loss'` or the name of a metric, of the
   * validation where there is one. Default `'loss'`.
   */
  readonly monitor?: string;
  /** Whether the optimizer's schedules are told that number after each epoch. Default true. */
  readonly observe?: boolean;
  /** Scales all gradients down where their norm together is larger. Default: never. */
  readonly clipGradNorm?: number;
  /**
   * Is updated after every step; validation judges with its weights: an `ExponentialMovingAverage`, or an average of your own.
   * Default: none.
   */
  readonly ema?: EvaluationWeights;
  /** Ends the training once it gets no better. Default: all epochs. */
  readonly earlyStopping?: EarlyStoppingOptions;
  /**
   * Decides the orders of the rows, and the numbers of layers without a generator of their own such as Dropout: the same
   * seed gives the same weights, bit for bit. Default 0.
   */
  readonly seed?: number;
  /** More hooks, called after those above, in their order: what several trainings have in common. Default: none. */
  readonly callbacks?: readonly Hooks[];
  /**
   * Whether a native thread computes, so that the event loop of a server is free while the model learns. The bits are those of the
   * foreground. Meanwhile the parameters and the buffers of the model are locked: who writes to them by any function of this
   * package, but in a hook, gets an error; who reads `value` or `grad`, or computes with the model, waits for what is
   * pending. Writing to the elements of their arrays cannot be seen, and must not be done. A metric, a loss or a layer that
   * reads elements waits as well, on the event loop's thread, and an optimizer that is written in TypeScript computes there.
   * On the target `'typescript'` all does, with turns for the event loop. Default false.
   */
  readonly background?: boolean;
  /** Ends the training with its reason. */
  readonly signal?: AbortSignal;
  /**
   * Saves the run into a folder as it goes: once an epoch, or as `every` says, and at its end. See {@link CheckpointOptions}.
   * Default: never.
   */
  readonly checkpoint?: CheckpointOptions;
  /**
   * Whether to go on from the last whole checkpoint in `checkpoint.folder`, and to begin where there is none; or the path of one. The
   * run ends in the bits of one that was never stopped, on any native target and number of threads: the data, the options and
   * the seed must be the same, and hooks must depend on what they are told alone. `epochs` counts those before too, and may be
   * more than it was, as may `earlyStopping.patience`. Default false.
   */
  readonly resume?: boolean | string;
  /** A bar on a terminal, a line for each epoch elsewhere: on stderr, or on what is given. Default false. */
  readonly progress?: boolean | Output;
}

export const FIT_OPTIONS: OptionNames<FitOptions<Target>> = {
  loss: true,
  optimizer: true,
  sampledLoss: true,
  schedule: true,
  epochs: true,
  initialEpoch: true,
  batchSize: true,
  shuffle: true,
  dropLast: true,
  gradientAccumulation: true,
  microBatches: true,
  distributed: true,
  validation: true,
  validationBatchSize: true,
  metrics: true,
  monitor: true,
  observe: true,
  clipGradNorm: true,
  ema: true,
  earlyStopping: true,
  seed: true,
  ...HOOKS,
  callbacks: true,
  background: true,
  signal: true,
  checkpoint: true,
  resume: true,
  progress: true,
};
