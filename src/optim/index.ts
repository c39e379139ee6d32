export { Adadelta, type AdadeltaOptions } from './adadelta.js';
export { Adafactor, type AdafactorOptions } from './adafactor.js';
export { Adagrad, type AdagradOptions } from './adagrad.js';
export { Adam, type AdamOptions, AdamW } from './adam.js';
export { Adamax, type AdamaxOptions } from './adamax.js';
export { clipGradNorm, totalNorm } from './clip-grad-norm.js';
export type { CommonOptions, Defaults, OptimizerOptions, ParamGroup, Resolved } from './common-options.js';
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
export { LAMB, type LAMBOptions } from './lamb.js';
export { LARS, type LARSOptions } from './lars.js';
export { LBFGS, type LBFGSOptions } from './lbfgs.js';
export { Lookahead, type LookaheadOptions } from './lookahead.js';
export { Muon, type MuonOptions } from './muon.js';
export { Optimizer } from './optimizer.js';
export { RMSprop, type RMSpropOptions } from './rmsprop.js';
export { SAM, type SAMOptions } from './sam.js';
export { SGD, type SGDOptions } from './sgd.js';
export { Shampoo, type ShampooOptions } from './shampoo.js';
export type { OptimizerState, ParameterStateDict } from './state-dict.js';
export { SWATS, type SWATSOptions } from './swats.js';
export type { Stepping } from './wrapper.js';
