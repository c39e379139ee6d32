import { checkOptions } from '../core/options.js';
import { checkAtLeast, checkBoolean, checkInteger, checkObject, checkOneOf, show } from '../core/validate.js';
import { MOST_EPOCHS } from '../data/epochs.js';
import type { Module } from '../nn/index.js';
import { checkResume, readCheckpoint } from './checkpoints/options.js';
import { checkLoss, checkMetrics } from './evaluate.js';
import { checkEvaluationWeights, type EvaluationWeights } from './evaluation-weights.js';
import { checkExamples, type Target } from './examples.js';
import { type Data, decidesBatches, type Feed, feedOf } from './feed.js';
import { readHooks } from './hooks.js';
import { DataLoader } from './loader.js';
import { FIT_OPTIONS, type FitOptions, type Stepper } from './options.js';
import { SampleLoader } from './samples/sample-loader.js';

export type Settings<Y extends Target> = ReturnType<typeof readOptions<Y>>;

export function readOptions<Y extends Target>(data: Data<Y>, options: FitOptions<Y>) {
  checkOptions('fit', options, FIT_OPTIONS);
  const {
    loss,
    optimizer,
    schedule,
    epochs = 1,
    initialEpoch = 0,
    batchSize,
    shuffle,
    dropLast,
    gradientAccumulation,
    validation,
    validationBatchSize,
    metrics = {},
    monitor = 'loss',
    observe = true,
    clipGradNorm: maxNorm,
    ema,
    earlyStopping,
    seed = 0,
    callbacks = [],
    background = false,
    signal,
    progress = false,
    checkpoint,
    resume = false,
  } = options;
  checkLoss(loss);
  checkOptimizer(optimizer);
  checkInteger('epochs', epochs, 1);
  checkInteger('initialEpoch', initialEpoch, 0);
  if (initialEpoch + epochs > MOST_EPOCHS) {
    throw new RangeError(
      `initialEpoch + epochs must be at most ${MOST_EPOCHS}, got ${initialEpoch} + ${epochs}`,
    );
  }
  checkMetrics(metrics);
  if (validationBatchSize !== undefined) checkInteger('validationBatchSize', validationBatchSize, 1);
  checkOneOf('monitor', monitor, ['loss', ...Object.keys(metrics)]);
  checkBoolean('observe', observe);
  if (maxNorm !== undefined) checkAtLeast('clipGradNorm', maxNorm, 0);
  const weights = evaluationWeightsOf(optimizer, ema);
  checkInteger('seed', seed, 0);
  checkBoolean('background', background);
  const hooks = readHooks(options, callbacks);
  const saving = checkpoint === undefined ? null : readCheckpoint(checkpoint);
  checkResume(resume, saving);
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`signal must be an AbortSignal, got ${show(signal)}`);
  }
  const output = typeof progress === 'boolean' ? (progress ? process.stderr : null) : progress;
  const feed = readData(data, { batchSize, shuffle, dropLast, gradientAccumulation }, seed);
  return {
    loss,
    optimizer,
    schedule,
    epochs,
    initialEpoch,
    validation,
    validationOptions: validationOptions(validation, validationBatchSize, feed.rowsAtOnce),
    metrics,
    monitor,
    observe,
    maxNorm,
    weights,
    earlyStopping,
    seed,
    hooks,
    background,
    signal,
    output,
    feed,
    ema,
    saving,
    resume,
  };
}

/** Those that judge in the place of the weights that learn, if any. */
function evaluationWeightsOf({ evaluationWeights }: Stepper, ema: unknown): EvaluationWeights | undefined {
  if (evaluationWeights === undefined) {
    if (ema !== undefined) checkEvaluationWeights('ema', ema);
    return ema;
  }
  if (ema !== undefined) {
    throw new TypeError('ema must not be given with an optimizer that has evaluationWeights of its own');
  }
  checkEvaluationWeights('optimizer.evaluationWeights', evaluationWeights);
  return evaluationWeights;
}

interface LoaderChoices {
  readonly batchSize: number | undefined;
  readonly shuffle: boolean | undefined;
  readonly dropLast: boolean | undefined;
  readonly gradientAccumulation: number | undefined;
}

function readData<Y extends Target>(data: Data<Y>, choices: LoaderChoices, seed: number): Feed<Y> {
  if (decidesBatches(data)) {
    const { gradientAccumulation = 1, ...decided } = choices;
    const isLoader = data instanceof DataLoader || data instanceof SampleLoader;
    const [first] =
      Object.entries(isLoader ? choices : decided).find(([, value]) => value !== undefined) ?? [];
    if (first !== undefined) {
      throw new TypeError(
        `${first} must not be given with ${isLoader ? `a ${data.constructor.name}` : 'batches'}, which decides it`,
      );
    }
    checkInteger('gradientAccumulation', gradientAccumulation, 1);
    return feedOf(data, gradientAccumulation);
  }
  const { batchSize = 32, shuffle = true, dropLast = false, gradientAccumulation = 1 } = choices;
  checkInteger('batchSize', batchSize, 1);
  checkInteger('gradientAccumulation', gradientAccumulation, 1);
  const loader = new DataLoader(data, {
    batchSize: batchSize * gradientAccumulation,
    rowsAtOnce: batchSize,
    shuffle,
    dropLast,
    seed,
  });
  // By the names of the options that the user knows.
  const { rows } = loader;
  const own = { data: 'rows in memory', rows, batchSize, gradientAccumulation, shuffle, dropLast };
  return { ...feedOf(loader), identity: () => own };
}

/** The option `batchSize` of the validation, where it has one. */
function validationOptions<Y extends Target>(
  validation: Data<Y> | undefined,
  given: number | undefined,
  rowsAtOnce: number | null,
): { batchSize?: number } {
  if (validation === undefined) return {};
  if (decidesBatches(validation)) {
    if (given === undefined) return {};
    throw new TypeError('validationBatchSize must not be given with a validation that decides its batches');
  }
  checkExamples('validation', validation);
  const batchSize = given ?? rowsAtOnce;
  return batchSize === null ? {} : { batchSize };
}

function checkOptimizer(optimizer: unknown): asserts optimizer is Stepper {
  checkObject('optimizer', optimizer);
  for (const method of ['step', 'zeroGrad', 'observe', 'parameters']) {
    if (typeof optimizer[method] !== 'function') {
      throw new TypeError(
        `optimizer must be an optimizer such as new Adam(model.parameters()), got ${show(optimizer)}`,
      );
    }
  }
}

/** An optimizer of another model would leave this one as it is, without a word. */
export function checkTrains(optimizer: Stepper, model: Module): void {
  const own = new Set(model.parameters().map(({ value }) => value));
  if (optimizer.parameters().some(({ value }) => own.has(value))) return;
  throw new RangeError(
    own.size === 0
      ? 'model must have a parameter to train: every one of its tensors has requiresGrad false'
      : 'optimizer must train parameters of the model, but holds none of them: make it of this model, as in new Adam(model.parameters())',
  );
}
