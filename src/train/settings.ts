import { checkOptions } from '../core/options.js';
import { checkAtLeast, checkBoolean, checkInteger, checkObject, checkOneOf, show } from '../core/validate.js';
import { MOST_EPOCHS } from '../data/epochs.js';
import type { Communicator } from '../distributed/communicator.js';
import type { Module } from '../nn/index.js';
import { canShare, Optimizer } from '../optim/optimizer.js';
import { checkResume, readCheckpoint } from './checkpoints/options.js';
import { checkLoss, checkMetrics } from './evaluate.js';
import { checkEvaluationWeights, type EvaluationWeights } from './evaluation-weights.js';
import { checkExamples, type Examples, type Target } from './examples.js';
import { type Data, decidesBatches, type Feed, feedOf } from './feed.js';
import { readHooks } from './hooks.js';
import { readLeaves } from './leaves/options.js';
import { DataLoader } from './loader.js';
import { FIT_OPTIONS, type FitOptions, type Stepper } from './options.js';
import { sampledLossOf } from './sampled-loss.js';
import { SampleLoader } from './samples/sample-loader.js';

export type Settings<Y extends Target> = ReturnType<typeof readOptions<Y>>;

/** @param communicator between processes, in the place of the own one's */
export function readOptions<Y extends Target>(
  data: Data<Y>,
  options: FitOptions<Y>,
  communicator: Communicator | null,
) {
  checkOptions('fit', options, FIT_OPTIONS);
  const {
    loss,
    optimizer,
    sampledLoss,
    schedule,
    epochs = 1,
    initialEpoch = 0,
    batchSize,
    shuffle,
    dropLast,
    gradientAccumulation,
    microBatches,
    distributed,
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
  const sampled = sampledLossOf(optimizer.hessian, loss, sampledLoss);
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
  const leaves = readLeaves(microBatches, distributed, communicator);
  if (leaves?.shardOptimizer) checkShards(optimizer);
  const isFirst = leaves === null || leaves.communicator.rank === 0;
  const output = typeof progress === 'boolean' ? (progress ? process.stderr : null) : progress;
  const feed = readData(data, { batchSize, shuffle, dropLast, gradientAccumulation, microBatches }, seed);
  return {
    loss,
    optimizer,
    sampled,
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
    output: isFirst ? output : null,
    feed,
    leaves,
    microBatches,
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
  readonly microBatches: number | undefined;
}

function readData<Y extends Target>(data: Data<Y>, choices: LoaderChoices, seed: number): Feed<Y> {
  const { microBatches, ...others } = choices;
  if (decidesBatches(data)) {
    const { gradientAccumulation = 1, ...decided } = others;
    const isLoader = data instanceof DataLoader || data instanceof SampleLoader;
    if (microBatches !== undefined) checkLeavesOf(data, microBatches);
    const [first] =
      Object.entries(isLoader ? others : decided).find(([, value]) => value !== undefined) ?? [];
    if (first !== undefined) {
      throw new TypeError(
        `${first} must not be given with ${isLoader ? `a ${data.constructor.name}` : 'batches'}, which decides it`,
      );
    }
    checkInteger('gradientAccumulation', gradientAccumulation, 1);
    return feedOf(data, gradientAccumulation);
  }
  const { batchSize = 32, shuffle = true, dropLast = false, gradientAccumulation = 1 } = others;
  checkInteger('batchSize', batchSize, 1);
  checkInteger('gradientAccumulation', gradientAccumulation, 1);
  if (microBatches !== undefined) checkSplit(batchSize, others.gradientAccumulation, microBatches);
  const loader = new DataLoader(data, {
    batchSize: batchSize * gradientAccumulation,
    rowsAtOnce: batchSize / (microBatches ?? 1),
    shuffle,
    dropLast,
    seed,
  });
  // By the names of the options that the user knows.
  const { rows } = loader;
  const own = { data: 'rows in memory', rows, batchSize, gradientAccumulation, shuffle, dropLast };
  return { ...feedOf(loader), identity: () => own };
}

function checkSplit(batchSize: number, accumulation: number | undefined, microBatches: number): void {
  if (accumulation !== undefined) {
    throw new TypeError(
      'gradientAccumulation must not be given with microBatches: a larger batchSize has the same rows in a step',
    );
  }
  if (batchSize % microBatches === 0) return;
  throw new RangeError(`batchSize must be a multiple of microBatches, ${microBatches}, got ${batchSize}`);
}

/** Those of a loader are what its steps are made of. */
function checkLeavesOf<Y extends Target>(data: Exclude<Data<Y>, Examples<Y>>, microBatches: number): void {
  if (!(data instanceof DataLoader || data instanceof SampleLoader)) {
    throw new TypeError(
      'microBatches needs rows in memory or a loader as data: an iterable tells too late what a step is made of',
    );
  }
  const { batchSize, rowsAtOnce } = data;
  if (batchSize === microBatches * rowsAtOnce) return;
  throw new RangeError(
    `microBatches must be batchSize / rowsAtOnce of the loader, ${batchSize} / ${rowsAtOnce}, got ${microBatches}`,
  );
}

/** @throws TypeError where processes cannot step a share of the parameters each. */
function checkShards(optimizer: Stepper): void {
  const { evaluationWeights } = optimizer;
  const isOurs = optimizer instanceof Optimizer && optimizer.step === Optimizer.prototype.step;
  if (isOurs && evaluationWeights === undefined && canShare(optimizer) !== null) return;
  throw new TypeError(
    `distributed.shardOptimizer needs an optimizer that steps parameters by themselves, such as Adam, got ${show(optimizer)}`,
  );
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
