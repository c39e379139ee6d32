export { Adadelta, type AdadeltaOptions } from './adadelta.js';
export { Adagrad, type AdagradOptions } from './adagrad.js';
export { Adam, type AdamOptions, AdamW } from './adam.js';
export { Adamax, type AdamaxOptions } from './adamax.js';
export { clipGradNorm, totalNorm } from './clip-grad-norm.js';
export type {
  AtStep,
  CommonOptions,
  Defaults,
  OptimizerOptions,
  ParamGroup,
  Resolved,
} from './common-options.js';
export type {
  Closure,
  Definition,
  MemoryDefinition,
  ParameterUpdate,
  RuleDefinition,
  StepProducts,
  UpdateDefinition,
  UpdateRule,
} from './definition.js';
export { biasesAndNorms } from './no-decay.js';
export { Optimizer } from './optimizer.js';
export { RMSprop, type RMSpropOptions } from './rmsprop.js';
export { SGD, type SGDOptions } from './sgd.js';
export type { OptimizerState, ParameterStateDict } from './state-dict.js';
export { SWATS, type SWATSOptions } from './swats.js';
