export { Adagrad, type AdagradOptions } from './adagrad.js';
export { Adam, type AdamOptions, AdamW } from './adam.js';
export type { StepBatch } from './batches.js';
export { clipGradNorm, totalNorm } from './clip-grad-norm.js';
export type { CommonOptions, ParamGroup, Resolved } from './common-options.js';
export type {
  Definition,
  Evaluation,
  ExtraState,
  ParameterUpdate,
  RuleDefinition,
  UpdateDefinition,
} from './definition.js';
export type { Group, ParameterState } from './group.js';
export { Optimizer } from './optimizer.js';
export { RMSprop, type RMSpropOptions } from './rmsprop.js';
export { SGD, type SGDOptions } from './sgd.js';
export type { OptimizerState, ParameterStateDict } from './state-dict.js';
export { SWATS, type SWATSOptions } from './swats.js';
