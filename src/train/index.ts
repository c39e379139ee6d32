export type { CheckpointInterval, CheckpointOptions } from './checkpoints/options.js';
export { DivergedError } from './diverged-error.js';
export type { EarlyStoppingOptions } from './early-stopping.js';
export {
  ExponentialMovingAverage,
  type ExponentialMovingAverageOptions,
  StochasticWeightAverage,
  type WeightAverageState,
} from './ema.js';
export { type EvaluateOptions, type Evaluation, evaluate, type Loss } from './evaluate.js';
export type { EvaluationWeights } from './evaluation-weights.js';
export { type Examples, examplesOf, type Target } from './examples.js';
export type { Batches, Data } from './feed.js';
export { type FindLearningRateOptions, findLearningRate, type RangeTest } from './find-learning-rate.js';
export { fit } from './fit.js';
export type { EpochStart, Hooks, TrainingPlan } from './hooks.js';
export type { DistributedOptions } from './leaves/options.js';
export { DataLoader, type DataLoaderOptions } from './loader.js';
export {
  type AverageOptions,
  type ConfusionMatrixOptions,
  confusionMatrix,
  f1,
  precision,
  recall,
  topKAccuracy,
} from './metrics/classes.js';
export type { Metric, MetricState, StatefulMetric } from './metrics/metric.js';
export { type PerplexityOptions, perplexity } from './metrics/perplexity.js';
export { meanAbsoluteError, meanSquaredError, r2 } from './metrics/regression.js';
export { rocAuc } from './metrics/roc-auc.js';
export type { FitOptions, Stepper } from './options.js';
export type { Ending, EpochReport, History, PendingStep, Resumed, StepReport } from './reports.js';
export type { SampledLoss } from './sampled-loss.js';
export { openLoader, type TargetOf } from './samples/open-loader.js';
export type {
  Columns,
  Pipeline,
  PipelineModule,
  Sample,
  SampleStream,
  Samples,
} from './samples/pipeline.js';
export { SampleLoader, type SampleLoaderOptions } from './samples/sample-loader.js';
export type { Batch, Step } from './steps.js';
export { updateBatchNorm } from './update-batch-norm.js';
