export { constant } from './constant.js';
export { type ConstantWarmupOptions, constantWarmup } from './constant-warmup.js';
export { type CosineOptions, cosine } from './cosine.js';
export { type CosineRestartsOptions, cosineRestarts } from './cosine-restarts.js';
export { type CyclicMomentumOptions, type CyclicOptions, cyclic, cyclicMomentum } from './cyclic.js';
export { type ExponentialOptions, exponential } from './exponential.js';
export { type ExponentialWarmupOptions, exponentialWarmup } from './exponential-warmup.js';
export { type GradualWarmupOptions, gradualWarmup } from './gradual-warmup.js';
export { type InverseSqrtOptions, inverseSqrt } from './inverse-sqrt.js';
export { type LinearOptions, linear } from './linear.js';
export { type MultiStepOptions, multiStep } from './multi-step.js';
export { multiplicative } from './multiplicative.js';
export {
  type OneCycleMomentumOptions,
  type OneCycleOptions,
  oneCycle,
  oneCycleMomentum,
} from './one-cycle.js';
export { type PolynomialOptions, polynomial } from './polynomial.js';
export { type ReduceOnPlateauOptions, reduceOnPlateau } from './reduce-on-plateau.js';
export { scale } from './scale.js';
export { type LearningRate, type Schedule, type ScheduleState, toSchedule } from './schedule.js';
export { type SequentialOptions, sequential } from './sequential.js';
export { type StepDecayOptions, stepDecay } from './step-decay.js';
export { type SwaLrOptions, swaLr } from './swa-lr.js';
export { type WarmupStableDecayOptions, warmupStableDecay } from './warmup-stable-decay.js';
