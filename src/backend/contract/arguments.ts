import type { ElementArray, FloatArray } from '../../core/types.js';
import type { WindowSizes } from '../../core/window-geometry.js';

// What kernels take, named as native/matrix/*-arguments.h names it. Arguments are positional: sizes first (the first one is
// what the native side splits over threads), then numbers, then arrays, inputs before outputs. All float arrays of one call
// have one element type; what is generic takes those of others as well, all of one type A. Flags are 0 or 1. What each kernel makes of them is said in typescript/matrix.

/** `activation` is a place in ACTIVATIONS; `bias` is one row, or null where `biased` is 0. */
export type Gemm = (
  transA: number,
  transB: number,
  m: number,
  n: number,
  k: number,
  lda: number,
  ldb: number,
  ldc: number,
  alpha: number,
  beta: number,
  activation: number,
  biased: number,
  a: FloatArray,
  b: FloatArray,
  bias: FloatArray | null,
  c: FloatArray,
) => void;

export type GemmBatched = (
  batch: number,
  transA: number,
  transB: number,
  m: number,
  n: number,
  k: number,
  lda: number,
  ldb: number,
  ldc: number,
  alpha: number,
  beta: number,
  strideA: number,
  strideB: number,
  strideC: number,
  a: FloatArray,
  b: FloatArray,
  c: FloatArray,
) => void;

/** Bit 3 operand + dimension of `layout`: the operand has one element where the result [outer, rows, columns] has many. */
export type Binary<A = FloatArray> = (
  layout: number,
  outer: number,
  rows: number,
  columns: number,
  a: A,
  b: A,
  out: A,
) => void;

/** `layout` as in {@link Binary}. */
export type Where = (
  layout: number,
  outer: number,
  rows: number,
  columns: number,
  condition: FloatArray,
  a: FloatArray,
  b: FloatArray,
  out: FloatArray,
) => void;

/** `layout` as in {@link Binary}; `out` is a mask. */
export type Comparison<A> = (
  layout: number,
  outer: number,
  rows: number,
  columns: number,
  a: A,
  b: A,
  out: Uint8Array,
) => void;

/** As {@link Where}, with a mask for the condition. */
export type Select<A> = (
  layout: number,
  outer: number,
  rows: number,
  columns: number,
  condition: Uint8Array,
  a: A,
  b: A,
  out: A,
) => void;

/** `x` may be of any element type, whatever that of `out`. */
export type Cast<A> = (n: number, x: ElementArray, out: A) => void;

/** Two bytes of `out` for each number of `x`. */
export type ToHalf = (n: number, x: Float32Array, out: Uint8Array) => void;

export type FromHalf = (n: number, x: Uint8Array, out: Float32Array) => void;

/** Rows of `depth` elements. */
export type OneHot<A> = (
  n: number,
  depth: number,
  onValue: number,
  offValue: number,
  indices: Int32Array,
  out: A,
) => void;

/** Matrices [rows, columns]: `upper` is 0 or 1, `diagonal` how far right of its own the diagonal is. */
export type Triangle<A> = (
  outer: number,
  rows: number,
  columns: number,
  upper: number,
  diagonal: number,
  x: A,
  out: A,
) => void;

/** `order` is the place of an order of 0, 1, 2, 3 among all of them, sorted as in a dictionary. */
export type Permute<A = FloatArray> = (
  order: number,
  n0: number,
  n1: number,
  n2: number,
  n3: number,
  x: A,
  out: A,
) => void;

/**
 * Element (i0, i1, i2, i3) of both arrays, for all indices below n0, n1, n2 and n3, is `start` plus the sum of the indices
 * times the steps of their dimensions. Steps of x may be negative, or 0. Those of out are not, and where a dimension has more
 * than one index its step is at least what the dimensions after it reach over: no two indices mean one element.
 */
export type CopyStrided<A = FloatArray> = (
  n0: number,
  n1: number,
  n2: number,
  n3: number,
  xStart: number,
  x0: number,
  x1: number,
  x2: number,
  x3: number,
  outStart: number,
  out0: number,
  out1: number,
  out2: number,
  out3: number,
  x: A,
  out: A,
) => void;

export type ScalarOperation = (n: number, alpha: number, x: FloatArray, out: FloatArray) => void;
export type ClampForward = (n: number, low: number, high: number, x: FloatArray, y: FloatArray) => void;
export type ClampBackward = (
  n: number,
  low: number,
  high: number,
  x: FloatArray,
  dy: FloatArray,
  dx: FloatArray,
) => void;
export type LeakyReluBackward = (
  n: number,
  alpha: number,
  x: FloatArray,
  dy: FloatArray,
  dx: FloatArray,
) => void;

export type Unary<A = FloatArray> = (n: number, x: A, y: A) => void;
/** `at` is what the gradient is taken at: the x or the y of the forward pass, as UNARY says. */
export type UnaryBackward = (n: number, at: FloatArray, dy: FloatArray, dx: FloatArray) => void;

export type GatherRows<A = FloatArray> = (
  rows: number,
  columns: number,
  sourceRows: number,
  source: A,
  indices: Int32Array,
  out: A,
) => void;
export type ScatterRows = (
  columns: number,
  rows: number,
  outRows: number,
  source: FloatArray,
  indices: Int32Array,
  out: FloatArray,
) => void;

/**
 * `source` is [outer, count, inner], `out` [outer, picked, inner], and `indices` as large as that; or [picked], the same for all
 * lines, where `shared` is 1.
 */
export type GatherAlong<A> = (
  outer: number,
  count: number,
  picked: number,
  inner: number,
  shared: number,
  source: A,
  indices: Int32Array,
  out: A,
) => void;
/** The other way: `source` is [outer, picked, inner], `out` [outer, count, inner]. */
export type ScatterAlong = (
  outer: number,
  count: number,
  picked: number,
  inner: number,
  shared: number,
  source: FloatArray,
  indices: Int32Array,
  out: FloatArray,
) => void;

export type Uniform = (
  n: number,
  seed: number,
  offset: number,
  low: number,
  high: number,
  out: FloatArray,
) => void;
export type Normal = (
  n: number,
  seed: number,
  offset: number,
  mean: number,
  deviation: number,
  out: FloatArray,
) => void;
export type Bernoulli = (
  n: number,
  seed: number,
  offset: number,
  probability: number,
  out: FloatArray,
) => void;
export type Dropout = (
  n: number,
  seed: number,
  offset: number,
  probability: number,
  x: FloatArray,
  y: FloatArray,
) => void;

/** Along the middle axis of [outer, count, inner], as all reductions and softmax. */
export type Reduction<A = FloatArray> = (
  outer: number,
  count: number,
  inner: number,
  alpha: number,
  x: A,
  out: A,
) => void;
export type Quantifier<A> = (outer: number, count: number, inner: number, x: A, out: A) => void;
export type Positions<A = FloatArray> = (
  outer: number,
  count: number,
  inner: number,
  x: A,
  out: Int32Array,
) => void;
/** The first `picked` elements of each line: `values`, and their `places` on the axis, are [outer, picked, inner]. */
export type SortAlong = (
  outer: number,
  count: number,
  picked: number,
  inner: number,
  descending: number,
  x: FloatArray,
  values: FloatArray,
  places: Int32Array,
) => void;
export type Cumulative = (
  outer: number,
  count: number,
  inner: number,
  exclusive: number,
  reverse: number,
  x: FloatArray,
  out: FloatArray,
) => void;
export type SumBackward = (
  outer: number,
  count: number,
  inner: number,
  accumulate: number,
  alpha: number,
  dy: FloatArray,
  dx: FloatArray,
) => void;
export type ReductionBackward = (
  outer: number,
  count: number,
  inner: number,
  accumulate: number,
  x: FloatArray,
  y: FloatArray,
  dy: FloatArray,
  dx: FloatArray,
) => void;
export type PairSum = (n: number, alpha: number, a: FloatArray, b: FloatArray, out: FloatArray) => void;

export type Softmax = (outer: number, count: number, inner: number, x: FloatArray, y: FloatArray) => void;
export type SoftmaxBackward = (
  outer: number,
  count: number,
  inner: number,
  y: FloatArray,
  dy: FloatArray,
  dx: FloatArray,
) => void;
export type CrossEntropy = (
  rows: number,
  columns: number,
  smoothing: number,
  logits: FloatArray,
  labels: Int32Array,
  losses: FloatArray,
  gradient: FloatArray,
) => void;

/** `logProbs` is [steps, batch, classes], `targets` [batch, longest] with -1 behind each; `gradient` is written where asked for. */
export type Ctc = (
  batch: number,
  steps: number,
  classes: number,
  longest: number,
  blank: number,
  isMean: number,
  zeroInfinity: number,
  gradients: number,
  logProbs: FloatArray,
  inputLengths: Int32Array,
  targets: Int32Array,
  losses: FloatArray,
  gradient: FloatArray,
) => void;

export type LstmForward = (
  rows: number,
  columns: number,
  before: FloatArray,
  gates: FloatArray,
  c: FloatArray,
  h: FloatArray,
) => void;
export type LstmBackward = (
  rows: number,
  columns: number,
  before: FloatArray,
  c: FloatArray,
  dy: FloatArray,
  dh: FloatArray,
  gates: FloatArray,
  dc: FloatArray,
) => void;
export type GruForward = (
  rows: number,
  columns: number,
  before: FloatArray,
  hidden: FloatArray,
  gates: FloatArray,
  h: FloatArray,
) => void;
export type GruBackward = (
  rows: number,
  columns: number,
  before: FloatArray,
  dy: FloatArray,
  gates: FloatArray,
  hidden: FloatArray,
  dh: FloatArray,
) => void;

type Heads = [
  seed: number,
  offset: number,
  probability: number,
  causal: number,
  masked: number,
  batch: number,
  heads: number,
  size: number,
  queries: number,
  keys: number,
  scale: number,
  q: FloatArray,
  k: FloatArray,
  v: FloatArray,
  mask: FloatArray | null,
  out: FloatArray,
  logSums: FloatArray,
];
export type AttentionForward = (...heads: Heads) => void;
export type AttentionBackward = (
  ...heads: [...Heads, dOut: FloatArray, dq: FloatArray, dk: FloatArray, dv: FloatArray]
) => void;

export type LayerNormForward = (
  rows: number,
  columns: number,
  eps: number,
  x: FloatArray,
  weight: FloatArray,
  bias: FloatArray,
  mean: FloatArray,
  rstd: FloatArray,
  y: FloatArray,
) => void;
export type LayerNormBackward = (
  rows: number,
  columns: number,
  accumulate: number,
  x: FloatArray,
  weight: FloatArray,
  mean: FloatArray,
  rstd: FloatArray,
  dy: FloatArray,
  dx: FloatArray,
  dWeight: FloatArray,
  dBias: FloatArray,
) => void;
export type RmsNormForward = (
  rows: number,
  columns: number,
  eps: number,
  x: FloatArray,
  weight: FloatArray,
  rstd: FloatArray,
  y: FloatArray,
) => void;
export type RmsNormBackward = (
  rows: number,
  columns: number,
  accumulate: number,
  x: FloatArray,
  weight: FloatArray,
  rstd: FloatArray,
  dy: FloatArray,
  dx: FloatArray,
  dWeight: FloatArray,
) => void;
type Grouped = [batch: number, places: number, groups: number, channels: number];
export type GroupNormForward = (
  ...grouped: [
    ...Grouped,
    eps: number,
    x: FloatArray,
    weight: FloatArray,
    bias: FloatArray,
    mean: FloatArray,
    rstd: FloatArray,
    y: FloatArray,
  ]
) => void;
export type GroupNormBackward = (
  ...grouped: [
    ...Grouped,
    accumulate: number,
    x: FloatArray,
    weight: FloatArray,
    mean: FloatArray,
    rstd: FloatArray,
    dy: FloatArray,
    dx: FloatArray,
    dWeight: FloatArray,
    dBias: FloatArray,
  ]
) => void;
export type BatchNormStatistics = (
  columns: number,
  rows: number,
  x: FloatArray,
  mean: FloatArray,
  variance: FloatArray,
) => void;
export type BatchNormForward = (
  columns: number,
  rows: number,
  eps: number,
  x: FloatArray,
  mean: FloatArray,
  variance: FloatArray,
  weight: FloatArray,
  bias: FloatArray,
  y: FloatArray,
) => void;
export type BatchNormBackward = (
  columns: number,
  rows: number,
  training: number,
  eps: number,
  x: FloatArray,
  mean: FloatArray,
  variance: FloatArray,
  weight: FloatArray,
  dy: FloatArray,
  dx: FloatArray,
  dWeight: FloatArray,
  dBias: FloatArray,
) => void;

type Convolution = [...WindowSizes, groups: number, batch: number, channels: number, outChannels: number];
/** `activation`, `biased` and `bias` as in {@link Gemm}. */
export type Conv2dForward = (
  ...convolution: [
    ...Convolution,
    activation: number,
    biased: number,
    x: FloatArray,
    weight: FloatArray,
    bias: FloatArray | null,
    y: FloatArray,
  ]
) => void;
export type Conv2dBackwardInput = (
  ...convolution: [...Convolution, accumulate: number, weight: FloatArray, dy: FloatArray, dx: FloatArray]
) => void;
export type Conv2dBackwardWeight = (
  ...convolution: [...Convolution, accumulate: number, x: FloatArray, dy: FloatArray, dWeight: FloatArray]
) => void;

type Pool = [...WindowSizes, batch: number, channels: number];
export type MaxPool2d = (...pool: [...Pool, x: FloatArray, y: FloatArray]) => void;
export type MaxPool2dForward = (
  ...pool: [...Pool, x: FloatArray, positions: Int32Array, y: FloatArray]
) => void;
export type MaxPool2dBackward = (
  ...pool: [...Pool, accumulate: number, positions: Int32Array, dy: FloatArray, dx: FloatArray]
) => void;
export type AvgPool2dForward = (
  ...pool: [...Pool, countIncludePad: number, x: FloatArray, y: FloatArray]
) => void;
export type AvgPool2dBackward = (
  ...pool: [...Pool, countIncludePad: number, accumulate: number, dy: FloatArray, dx: FloatArray]
) => void;

type Resize = [
  batch: number,
  inHeight: number,
  inWidth: number,
  outHeight: number,
  outWidth: number,
  channels: number,
  alignCorners: number,
  halfPixelCenters: number,
];
export type ResizeForward = (...resize: [...Resize, x: FloatArray, y: FloatArray]) => void;
export type ResizeBackward = (
  ...resize: [...Resize, accumulate: number, dy: FloatArray, dx: FloatArray]
) => void;
