export type { EarlyStoppingOptions } from './early-stopping.js';
export { ExponentialMovingAverage, type ExponentialMovingAverageOptions } from './ema.js';
export { type EvaluateOptions, type Evaluation, evaluate, type Loss, type Metric } from './evaluate.js';
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
export type {
  Ending,
  EpochReport,
  FitOptions,
  History,
  PendingStep,
  Stepper,
  StepReport,
} from './options.js';
