export { attentionBackward, attentionForward } from './attention.js';
export * from './batch-norm.js';
export {
  add,
  atan2,
  bceWithLogits,
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
  prelu,
  sub,
} from './binary.js';
export { where } from './broadcast.js';
export * from './cast.js';
export * from './comparison.js';
export { conv2dBackwardInput, conv2dBackwardWeight, conv2dForward } from './convolution.js';
export { copyStrided } from './copy-strided.js';
export * from './cross-entropy.js';
export * from './ctc-losses.js';
export * from './cumulative.js';
export {
  addScalar,
  clampBackward,
  clampForward,
  huber,
  leakyReluBackward,
  leakyReluForward,
  mulScalar,
  unitStep,
} from './elementwise.js';
export * from './floor-division.js';
export * from './gather-along.js';
export * from './gemm.js';
export * from './group-norm.js';
export * from './half.js';
export * from './layer-norm.js';
export * from './one-hot.js';
export * from './permute.js';
export {
  avgPool2dBackward,
  avgPool2dForward,
  maxPool2d,
  maxPool2dBackward,
  maxPool2dForward,
} from './pooling.js';
export * from './positions.js';
export * from './quantifiers.js';
export { bernoulli, dropout, normal, uniform } from './random.js';
export * from './recurrent.js';
export * from './reduction-gradients.js';
export {
  amax,
  amin,
  dotProduct,
  norm1,
  norm2,
  normInf,
  prod,
  squaredDistance,
  sum,
} from './reductions.js';
export * from './resize.js';
export * from './rms-norm.js';
export * from './rows.js';
export * from './softmax.js';
export * from './sort.js';
export * from './triangle.js';
export * from './unary.js';
