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
export { RowGradient } from './core/row-gradient.js';
export type { FloatArray, Parameter } from './core/types.js';
export type { Padding, Pair, PoolWindowOptions } from './core/window-geometry.js';
export * from './optim/index.js';
export * from './schedule/index.js';
