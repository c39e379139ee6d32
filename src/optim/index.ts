export { AdaBelief, type AdaBeliefOptions } from './adabelief.js';
export { Adadelta, type AdadeltaOptions } from './adadelta.js';
export { Adafactor, type AdafactorOptions } from './adafactor.js';
export { Adagrad, type AdagradOptions } from './adagrad.js';
export { Adam, type AdamOptions, AdamW, SparseAdam, type SparseAdamOptions } from './adam.js';
export { Adamax, type AdamaxOptions } from './adamax.js';
export { Adan, type AdanOptions } from './adan.js';
export { AdEMAMix, type AdEMAMixOptions } from './ademamix.js';
export { ADOPT, type ADOPTOptions } from './adopt.js';
export { ASGD, type ASGDOptions } from './asgd.js';
export { type ClipGradAdaptiveOptions, clipGradAdaptive } from './clip-grad-adaptive.js';
export { type ClipGradNormOptions, clipGradNorm, totalNorm } from './clip-grad-norm.js';
export { clipGradValue } from './clip-grad-value.js';
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
export {
  GradScaler,
  type GradScalerOptions,
  type GradScalerState,
  type ScaledOptimizer,
} from './grad-scaler.js';
export type { HessianEstimate } from './hessian.js';
export { LAMB, type LAMBOptions } from './lamb.js';
export { LARS, type LARSOptions } from './lars.js';
export { LBFGS, type LBFGSOptions } from './lbfgs.js';
export { Lion, type LionOptions } from './lion.js';
export { Lookahead, type LookaheadOptions } from './lookahead.js';
export { Muon, type MuonOptions } from './muon.js';
export { NAdam, type NAdamOptions } from './nadam.js';
export { biasesAndNorms } from './no-decay.js';
export { Optimizer } from './optimizer.js';
export { Prodigy, type ProdigyOptions } from './prodigy.js';
export { RAdam, type RAdamOptions } from './radam.js';
export { RMSprop, type RMSpropOptions } from './rmsprop.js';
export { Rprop, type RpropOptions } from './rprop.js';
export { SAM, type SAMOptions } from './sam.js';
export {
  ScheduleFreeAdamW,
  type ScheduleFreeAdamWOptions,
  ScheduleFreeSGD,
  type ScheduleFreeSGDOptions,
} from './schedule-free.js';
export { SGD, type SGDOptions } from './sgd.js';
export { Shampoo, type ShampooOptions } from './shampoo.js';
export { SOAP, type SOAPOptions } from './soap.js';
export { SophiaG, type SophiaGOptions } from './sophia.js';
export type { OptimizerState, ParameterStateDict } from './state-dict.js';
export type { StateDTypeOption } from './stored-states.js';
export { SWATS, type SWATSOptions } from './swats.js';
export type { Stepping } from './wrapper.js';
