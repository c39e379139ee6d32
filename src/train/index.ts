export { DivergedError } from './diverged-error.js';
export type { EarlyStoppingOptions } from './early-stopping.js';
export { ExponentialMovingAverage, type ExponentialMovingAverageOptions } from './ema.js';
export { type EvaluateOptions, type Evaluation, evaluate, type Loss } from './evaluate.js';
export type { EvaluationWeights } from './evaluation-weights.js';
export { type Examples, examplesOf, type Target } from './examples.js';
export type { Batches, Data } from './feed.js';
export { fit } from './fit.js';
export type { EpochStart, Hooks, TrainingPlan } from './hooks.js';
export { type Batch, DataLoader, type DataLoaderOptions } from './loader.js';
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
export type {
  Ending,
  EpochReport,
  FitOptions,
  History,
  PendingStep,
  Stepper,
  StepReport,
} from './options.js';
export type {
  Columns,
  Numbers,
  Pipeline,
  PipelineModule,
  Sample,
  SampleStream,
  Samples,
} from './samples/pipeline.js';
export {
  openLoader,
  SampleLoader,
  type SampleLoaderOptions,
  type TargetOf,
} from './samples/sample-loader.js';
export type { Step } from './steps.js';
