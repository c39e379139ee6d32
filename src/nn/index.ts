import './methods.js';

export { Generator } from '../array/generator.js';
export type { DType, TensorDType } from '../core/dtypes.js';
export type { Padding, Padding1d, Pair, PoolWindowOptions } from '../core/window-geometry.js';
export { checkpoint } from './engine/checkpoint.js';
export { defaultGenerator, manualSeed } from './engine/default-generator.js';
export { type TensorData, type TensorOptions, tensor } from './engine/make-leaf.js';
export type { Nested, NestedElements } from './engine/nested.js';
export { noGrad } from './engine/no-grad.js';
export { Tensor } from './engine/tensor.js';
export type { Gradients } from './engine/watch-gradients.js';
export {
  type EluOptions,
  elu,
  type GluOptions,
  glu,
  type HardtanhOptions,
  hardtanh,
  type LeakyReluOptions,
  leakyRelu,
  prelu,
  relu6,
  type SoftplusOptions,
  softplus,
  tanhshrink,
} from './functions/activations.js';
export {
  type AdaptiveSize,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
} from './functions/adaptive.js';
export * from './functions/arithmetic.js';
export * from './functions/attention.js';
export type { AttentionMask } from './functions/attention-mask.js';
export * from './functions/bilinear.js';
export * from './functions/binary-losses.js';
export * from './functions/bmm.js';
export { sampleCategorical } from './functions/categorical.js';
export * from './functions/creation.js';
export * from './functions/ctc.js';
export * from './functions/cumulative.js';
export * from './functions/distances.js';
export * from './functions/dropout.js';
export { einsum } from './functions/einsum.js';
export { type EmbeddingFunctionOptions, embedding } from './functions/embedding.js';
export { type GeluOptions, gelu } from './functions/gelu.js';
export * from './functions/indexing.js';
export { type InterpolateMode, type InterpolateOptions, interpolate } from './functions/interpolate.js';
export * from './functions/joining.js';
export { type KlDivOptions, klDiv } from './functions/kl-div.js';
export type { Labels } from './functions/labels.js';
export * from './functions/logic.js';
export type { LossOptions, LossReduction } from './functions/loss.js';
export * from './functions/losses.js';
export * from './functions/margin-losses.js';
export * from './functions/masking.js';
export * from './functions/matmul.js';
export {
  type PackedSequence,
  type PackPaddedSequenceOptions,
  type PadPackedSequenceOptions,
  packPaddedSequence,
  padPackedSequence,
} from './functions/packed.js';
export * from './functions/pad.js';
export * from './functions/permute.js';
export * from './functions/positions.js';
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
export * from './functions/rounding.js';
export * from './functions/rows.js';
export * from './functions/slicing.js';
export { logSoftmax, type SoftmaxOptions, softmax } from './functions/softmax.js';
export * from './functions/sorting.js';
export * from './functions/squeezing.js';
export { logSumExp, std, type VarianceOptions, variance as var } from './functions/statistics.js';
export {
  type ConvTranspose1dFunctionOptions,
  type ConvTranspose2dFunctionOptions,
  convTranspose1d,
  convTranspose2d,
  type Transposed1dOptions,
  type TransposedOptions,
} from './functions/transposed.js';
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
export {
  type AvgPool1dFunctionOptions,
  avgPool1d,
  type Conv1dFunctionOptions,
  type Convolution1dOptions,
  conv1d,
  type MaxPool1dFunctionOptions,
  maxPool1d,
  type PoolWindow1dOptions,
} from './functions/windows-1d.js';
export * as init from './init.js';
export {
  GELU,
  Hardsigmoid,
  Hardswish,
  LogSigmoid,
  Mish,
  ReLU,
  SELU,
  Sigmoid,
  SiLU,
  Softsign,
  Tanh,
} from './layers/activations.js';
export type { LinearOptions } from './layers/affine.js';
export { BatchNorm1d, BatchNorm2d, type BatchNormOptions } from './layers/batch-norm.js';
export { Bilinear, type BilinearOptions } from './layers/bilinear.js';
export {
  ConvTranspose1d,
  type ConvTranspose1dOptions,
  ConvTranspose2d,
  type ConvTranspose2dOptions,
} from './layers/conv-transpose.js';
export { Conv1d, type Conv1dOptions } from './layers/conv1d.js';
export { Conv2d, type Conv2dOptions } from './layers/conv2d.js';
export { Dropout, Dropout1d, Dropout2d, type DropoutOptions } from './layers/dropout.js';
export { Embedding, type EmbeddingOptions } from './layers/embedding.js';
export { Flatten, type FlattenOptions, Unflatten } from './layers/flatten.js';
export { GroupNorm, type GroupNormOptions } from './layers/group-norm.js';
export type { RemovableHandle } from './layers/hooks.js';
export { InstanceNorm1d, InstanceNorm2d, type InstanceNormOptions } from './layers/instance-norm.js';
export { LayerNorm, type LayerNormOptions } from './layers/layer-norm.js';
export { Linear } from './layers/linear.js';
export { type AnyModule, Module } from './layers/module.js';
export { ModuleDict } from './layers/module-dict.js';
export { ModuleList } from './layers/module-list.js';
export type { ModuleState } from './layers/module-state.js';
export {
  type AttentionMasks,
  MultiHeadAttention,
  type MultiHeadAttentionOptions,
} from './layers/multi-head-attention.js';
export {
  ELU,
  GLU,
  Hardtanh,
  LeakyReLU,
  PReLU,
  type PReLUOptions,
  ReLU6,
  Softplus,
  Tanhshrink,
} from './layers/parametric-activations.js';
export {
  AdaptiveAvgPool2d,
  AdaptiveMaxPool2d,
  AvgPool2d,
  type AvgPool2dOptions,
  GlobalAvgPool2d,
  MaxPool2d,
  type MaxPool2dOptions,
} from './layers/pooling.js';
export {
  AdaptiveAvgPool1d,
  AdaptiveMaxPool1d,
  AvgPool1d,
  type AvgPool1dOptions,
  MaxPool1d,
  type MaxPool1dOptions,
} from './layers/pooling-1d.js';
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
export { SinusoidalPositions, type SinusoidalPositionsOptions } from './layers/sinusoidal-positions.js';
export { LogSoftmax, Softmax } from './layers/softmax.js';
export {
  type EncoderMasks,
  TransformerDecoder,
  TransformerEncoder,
  type TransformerStackOptions,
} from './layers/transformer.js';
export {
  type DecoderMasks,
  type EncoderLayerMasks,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from './layers/transformer-layers.js';
export { Upsample, type UpsampleOptions } from './layers/upsample.js';
export { type MemoryOptions, type MemoryReport, type MemorySize, memory } from './memory.js';
