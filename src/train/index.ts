export type { EarlyStoppingOptions } from './early-stopping.js';
export { ExponentialMovingAverage, type ExponentialMovingAverageOptions } from './ema.js';
export { type EvaluateOptions, type Evaluation, evaluate, type Loss } from './evaluate.js';
export type { EvaluationWeights } from './evaluation-weights.js';
export { DivergedError, fit } from './fit.js';
export {
  type Batch,
  DataLoader,
  type DataLoaderOptions,
  type Examples,
  examplesOf,
  type Target,
} from './loader.js';
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
