import './methods.js';

export { Generator } from '../array/generator.js';
export type { DType, TensorDType } from '../core/dtypes.js';
export type { Padding, Pair, PoolWindowOptions } from '../core/window-geometry.js';
export { manualSeed } from './engine/default-generator.js';
export type { Nested, NestedElements } from './engine/nested.js';
export { noGrad } from './engine/no-grad.js';
export { Tensor, type TensorData, type TensorOptions, tensor } from './engine/tensor.js';
export * from './functions/arithmetic.js';
export * from './functions/attention.js';
export * from './functions/binary-losses.js';
export * from './functions/bmm.js';
export * from './functions/creation.js';
export * from './functions/ctc.js';
export * from './functions/cumulative.js';
export * from './functions/distances.js';
export * from './functions/dropout.js';
export { type EmbeddingFunctionOptions, embedding } from './functions/embedding.js';
export { type GeluOptions, gelu } from './functions/gelu.js';
export * from './functions/indexing.js';
export * from './functions/joining.js';
export { type KlDivOptions, klDiv } from './functions/kl-div.js';
export type { Labels } from './functions/labels.js';
export type { LossOptions, LossReduction } from './functions/loss.js';
export * from './functions/losses.js';
export * from './functions/margin-losses.js';
export * from './functions/masking.js';
export {
  type PackedSequence,
  type PackPaddedSequenceOptions,
  type PadPackedSequenceOptions,
  packPaddedSequence,
  padPackedSequence,
} from './functions/packed.js';
export * from './functions/pad.js';
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
export * from './functions/repeating.js';
export * from './functions/rows.js';
export * from './functions/slicing.js';
export { logSoftmax, type SoftmaxOptions, softmax } from './functions/softmax.js';
export * from './functions/sorting.js';
export * from './functions/squeezing.js';
export * from './functions/unary.js';
export {
  type AvgPool2dFunctionOptions,
  avgPool2d,
  type Conv2dFunctionOptions,
  type ConvolutionOptions,
  conv2d,
  type MaxPool2dFunctionOptions,
  maxPool2d,
} from './functions/windows.js';
export * as init from './init.js';
export { GELU, ReLU, Sigmoid, SiLU, Softplus, Tanh } from './layers/activations.js';
export type { LinearOptions } from './layers/affine.js';
export { BatchNorm1d, BatchNorm2d, type BatchNormOptions } from './layers/batch-norm.js';
export { Conv2d, type Conv2dOptions } from './layers/conv2d.js';
export { Dropout, type DropoutOptions } from './layers/dropout.js';
export { Embedding, type EmbeddingOptions } from './layers/embedding.js';
export { Flatten } from './layers/flatten.js';
export { GroupNorm, type GroupNormOptions } from './layers/group-norm.js';
export { LayerNorm, type LayerNormOptions } from './layers/layer-norm.js';
export { Linear } from './layers/linear.js';
export { type AnyModule, Module, type ModuleState } from './layers/module.js';
export { MultiHeadAttention, type MultiHeadAttentionOptions } from './layers/multi-head-attention.js';
export {
  AvgPool2d,
  type AvgPool2dOptions,
  GlobalAvgPool2d,
  MaxPool2d,
  type MaxPool2dOptions,
} from './layers/pooling.js';
export {
  GRU,
  LSTM,
  type RecurrentOptions,
  type RecurrentResult,
  RNN,
  type RNNOptions,
} from './layers/recurrent.js';
export { GRUCell, LSTMCell, RNNCell, type RNNCellOptions } from './layers/recurrent-cells.js';
export type { LSTMState } from './layers/recurrent-parts.js';
export { Residual, type ResidualOptions } from './layers/residual.js';
export { RMSNorm, type RMSNormOptions } from './layers/rms-norm.js';
export { Sequential } from './layers/sequential.js';
export { LogSoftmax, Softmax } from './layers/softmax.js';
