export type { Padding, Pair, PoolWindowOptions } from '../window.js';
export { GELU, ReLU, Sigmoid, SiLU, Softplus, Tanh } from './activations.js';
export { MultiHeadAttention, type MultiHeadAttentionOptions } from './attention.js';
export { BatchNorm1d, BatchNorm2d, type BatchNormOptions } from './batch-norm.js';
export { Conv2d, type Conv2dOptions } from './conv2d.js';
export { Dropout, type DropoutModuleOptions } from './dropout.js';
export type { DType } from './dtype.js';
export { Embedding, type EmbeddingOptions as EmbeddingModuleOptions } from './embedding.js';
export { Flatten } from './flatten.js';
export * from './functions/attention.js';
export * from './functions/batched.js';
export * from './functions/broadcast.js';
export * from './functions/dropout.js';
export * from './functions/permute.js';
export {
  amax,
  amin,
  mean,
  type NormOptions,
  norm,
  prod,
  type ReductionOptions,
  sum,
} from './functions/reductions.js';
export { type EmbeddingOptions, embedding } from './functions/rows.js';
export { type AxisOptions, logSoftmax, softmax } from './functions/softmax.js';
export {
  abs,
  cos,
  erf,
  exp,
  expm1,
  type GeluOptions,
  gelu,
  log,
  log1p,
  neg,
  reciprocal,
  relu,
  rsqrt,
  sigmoid,
  silu,
  sin,
  softplus,
  sqrt,
  square,
  tanh,
} from './functions/unary.js';
export {
  type AvgPool2dOptions,
  avgPool2d,
  type Conv2dFunctionOptions,
  type ConvolutionOptions,
  conv2d,
  type MaxPool2dOptions,
  maxPool2d,
} from './functions/windows.js';
export { GroupNorm } from './group-norm.js';
export * as init from './init.js';
export type { Labels } from './labels.js';
export { LayerNorm, type LayerNormOptions } from './layer-norm.js';
export { Linear, type LinearOptions } from './linear.js';
export { type CrossEntropyOptions, crossEntropy, mse } from './losses.js';
export { Module, type ModuleState } from './module.js';
export { noGrad } from './no-grad.js';
export { AvgPool2d, GlobalAvgPool2d, MaxPool2d } from './pooling.js';
export { Generator, manualSeed } from './random.js';
export { Residual, type ResidualOptions } from './residual.js';
export { RMSNorm, type RMSNormOptions } from './rms-norm.js';
export { accuracy, argmax, type GatherRowsOptions, gatherRows } from './rows.js';
export { Sequential } from './sequential.js';
export { LogSoftmax, Softmax } from './softmax.js';
export { Tensor, type TensorOptions, tensor } from './tensor.js';
