export type { Activation } from '../backend/contract/activations.js';
export {
  add,
  atan2,
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
export { type EinsumOptions, einsum } from './einsum.js';
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
  type SplitOptions,
  type StackOptions,
  slice,
  split,
  stack,
  type TileOptions,
  tile,
} from './moves.js';
export {
  type GatherOptions,
  gather,
  type OneHotOptions,
  oneHot,
  type Sorted,
  type SortOptions,
  sort,
  type TopkOptions,
  topk,
} from './ordering.js';
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
export { logSumExp, std, type VarianceOptions, variance as var } from './statistics.js';
export { type PermuteOptions, permute, type TransposeOptions, transpose } from './transpose.js';
export { type TriangleOptions, tril, triu } from './triangles.js';
export * from './unary.js';
export {
  type AvgPool2dOptions,
  avgPool2d,
  type Conv2dOptions,
  conv2d,
  type MaxPool2dOptions,
  maxPool2d,
} from './windows.js';
