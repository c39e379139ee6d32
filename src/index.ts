export * from './array/index.js';
export type { Parameter } from './array/parameter.js';
export { RowGradient } from './array/row-gradient.js';
export {
  currentTarget,
  type Diagnosis,
  diagnose,
  targets,
  threads,
  useTarget,
  useThreads,
} from './backend/select.js';
export type { FloatArray } from './core/types.js';
export type { Padding, Pair, PoolWindowOptions } from './core/window-geometry.js';
export * from './optim/index.js';
export * from './schedule/index.js';
