export type { Activation } from '../backend/contract/activations.js';
export {
  add,
  type BinaryOptions,
  type ClampOptions,
  clamp,
  div,
  eq,
  ge,
  gt,
  le,
  lt,
  maximum,
  minimum,
  mul,
  ne,
  pow,
  sub,
  type WhereOptions,
  where,
} from './arithmetic.js';
export * from './gemm.js';
export { fromBFloat16, fromFloat16, toBFloat16, toFloat16 } from './half.js';
export type { AxesOptions, AxisOptions } from './lines.js';
export {
  type CatOptions,
  cat,
  cumprod,
  cumsum,
  type FlipOptions,
  flip,
  type PadOptions,
  pad,
  type RollOptions,
  roll,
  type SliceOptions,
  slice,
  type TileOptions,
  tile,
} from './moves.js';
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
export {
  type GatherRowsOptions,
  gatherRows,
  type ScatterAddRowsOptions,
  scatterAddRows,
} from './rows.js';
export {
  type BernoulliOptions,
  bernoulli,
  type DropoutOptions,
  dropout,
  type NormalOptions,
  normal,
  type Place,
  type UniformOptions,
  uniform,
} from './sampling.js';
export { type AlongAxis, logSoftmax, softmax } from './softmax.js';
export { type PermuteOptions, permute, type TransposeOptions, transpose } from './transpose.js';
export * from './unary.js';
export {
  type AvgPool2dOptions,
  avgPool2d,
  type Conv2dOptions,
  conv2d,
  type MaxPool2dOptions,
  maxPool2d,
} from './windows.js';
