export * from './gemm.js';
export type { AxesOptions, AxisOptions } from './lines.js';
export {
  amax,
  amin,
  argmax,
  argmin,
  mean,
  type NormOptions,
  norm,
  type Position,
  prod,
  type Reduction,
  sum,
} from './reductions.js';
export { type AlongAxis, logSoftmax, softmax } from './softmax.js';
export * from './unary.js';
