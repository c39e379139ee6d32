export * from './array/index.js';
export {
  currentTarget,
  type Diagnosis,
  diagnose,
  targets,
  threads,
  useTarget,
  useThreads,
} from './backend/select.js';
export * from './optim/index.js';
export { RowGradient } from './row-gradient.js';
export * from './schedule/index.js';
export type { FloatArray, Parameter } from './types.js';
export type { Padding, Pair, PoolWindowOptions } from './window.js';
