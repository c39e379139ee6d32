import type { ElementArray, NumberArray } from '../../core/types.js';
import type * as args from './arguments.js';
import type { Batch, Repeat } from './rules.js';

/** The kernels of each function of one number, and whether its backward pass reads the output or the input. */
export const UNARY = {
  relu: { forward: 'reluForward', backward: 'reluBackward', reads: 'output' },
  exp: { forward: 'expForward', backward: 'expBackward', reads: 'output' },
  log: { forward: 'logForward', backward: 'logBackward', reads: 'input' },
  log1p: { forward: 'log1pForward', backward: 'log1pBackward', reads: 'input' },
  expm1: { forward: 'expm1Forward', backward: 'expm1Backward', reads: 'output' },
  tanh: { forward: 'tanhForward', backward: 'tanhBackward', reads: 'output' },
  sigmoid: { forward: 'sigmoidForward', backward: 'sigmoidBackward', reads: 'output' },
  softplus: { forward: 'softplusForward', backward: 'softplusBackward', reads: 'input' },
  erf: { forward: 'erfForward', backward: 'erfBackward', reads: 'input' },
  gelu: { forward: 'geluForward', backward: 'geluBackward', reads: 'input' },
  geluTanh: { forward: 'geluTanhForward', backward: 'geluTanhBackward', reads: 'input' },
  silu: { forward: 'siluForward', backward: 'siluBackward', reads: 'input' },
  sin: { forward: 'sinForward', backward: 'sinBackward', reads: 'input' },
  cos: { forward: 'cosForward', backward: 'cosBackward', reads: 'input' },
  tan: { forward: 'tanForward', backward: 'tanBackward', reads: 'output' },
  asin: { forward: 'asinForward', backward: 'asinBackward', reads: 'input' },
  acos: { forward: 'acosForward', backward: 'acosBackward', reads: 'input' },
  atan: { forward: 'atanForward', backward: 'atanBackward', reads: 'input' },
  sinh: { forward: 'sinhForward', backward: 'sinhBackward', reads: 'input' },
  cosh: { forward: 'coshForward', backward: 'coshBackward', reads: 'input' },
  asinh: { forward: 'asinhForward', backward: 'asinhBackward', reads: 'input' },
  acosh: { forward: 'acoshForward', backward: 'acoshBackward', reads: 'input' },
  atanh: { forward: 'atanhForward', backward: 'atanhBackward', reads: 'input' },
  log2: { forward: 'log2Forward', backward: 'log2Backward', reads: 'input' },
  log10: { forward: 'log10Forward', backward: 'log10Backward', reads: 'input' },
  exp2: { forward: 'exp2Forward', backward: 'exp2Backward', reads: 'output' },
  sqrt: { forward: 'sqrtForward', backward: 'sqrtBackward', reads: 'output' },
  rsqrt: { forward: 'rsqrtForward', backward: 'rsqrtBackward', reads: 'output' },
  reciprocal: { forward: 'reciprocalForward', backward: 'reciprocalBackward', reads: 'output' },
  square: { forward: 'squareForward', backward: 'squareBackward', reads: 'input' },
  abs: { forward: 'absForward', backward: 'absBackward', reads: 'input' },
  // Its gradient needs neither: the output is at hand.
  neg: { forward: 'negForward', backward: 'negBackward', reads: 'output' },
  elu: { forward: 'eluForward', backward: 'eluBackward', reads: 'output' },
  selu: { forward: 'seluForward', backward: 'seluBackward', reads: 'output' },
  hardswish: { forward: 'hardswishForward', backward: 'hardswishBackward', reads: 'input' },
  hardsigmoid: { forward: 'hardsigmoidForward', backward: 'hardsigmoidBackward', reads: 'input' },
  mish: { forward: 'mishForward', backward: 'mishBackward', reads: 'input' },
  logsigmoid: { forward: 'logsigmoidForward', backward: 'logsigmoidBackward', reads: 'input' },
  softsign: { forward: 'softsignForward', backward: 'softsignBackward', reads: 'input' },
} as const;

/** A function of one number. */
export type UnaryName = keyof typeof UNARY;

/** Functions of two numbers. */
export type Arithmetic = 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'atan2' | 'maximum' | 'minimum';
/** 1 where it holds, else 0. */
export type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';
export type BinaryName = Arithmetic | Comparison | 'prelu' | 'bceWithLogits';

/**
 * What a backend can do: one line for each line of native/kernels.def, and the same names. Kernels return nothing and
 * allocate nothing.
 */
export interface Kernels extends Functions {
  /**
   * One optimizer step: every batch, in order.
   * @returns if it is to be kept, and a backend can, what takes it again without reading the batches
   */
  readonly step: (batches: readonly Batch[], isKept?: boolean) => Repeat | undefined;
  readonly gemm: args.Gemm;
  readonly gemmBatched: args.GemmBatched;
  readonly where: args.Where;
  readonly permute: args.Permute<ElementArray>;
  readonly copyStrided: args.CopyStrided<ElementArray>;
  readonly cast: args.Cast<ElementArray>;
  readonly toBFloat16: args.ToHalf;
  readonly fromBFloat16: args.FromHalf;
  readonly toFloat16: args.ToHalf;
  readonly fromFloat16: args.FromHalf;
  readonly equal: args.Comparison<ElementArray>;
  readonly notEqual: args.Comparison<ElementArray>;
  readonly less: args.Comparison<ElementArray>;
  readonly lessEqual: args.Comparison<ElementArray>;
  readonly greater: args.Comparison<ElementArray>;
  readonly greaterEqual: args.Comparison<ElementArray>;
  readonly select: args.Select<ElementArray>;
  readonly oneHot: args.OneHot<ElementArray>;
  readonly triangle: args.Triangle<ElementArray>;
  readonly logicalAnd: args.Comparison<ElementArray>;
  readonly logicalOr: args.Comparison<ElementArray>;
  readonly logicalXor: args.Comparison<ElementArray>;
  readonly logicalNot: args.Unary<Uint8Array>;
  readonly any: args.Quantifier<Uint8Array>;
  readonly all: args.Quantifier<Uint8Array>;
  readonly squaredDifference: args.Binary<NumberArray>;
  readonly floorDiv: args.Binary<NumberArray>;
  readonly floorMod: args.Binary<NumberArray>;
  readonly addScalar: args.ScalarOperation;
  readonly mulScalar: args.ScalarOperation;
  readonly clampForward: args.ClampForward;
  readonly clampBackward: args.ClampBackward;
  readonly leakyReluForward: args.ScalarOperation;
  readonly leakyReluBackward: args.LeakyReluBackward;
  readonly unitStep: args.ScalarOperation;
  readonly huber: args.ScalarOperation;
  readonly floor: args.Unary;
  readonly ceil: args.Unary;
  readonly round: args.Unary;
  readonly trunc: args.Unary;
  readonly sign: args.Unary;
  readonly frac: args.Unary;
  readonly gatherRows: args.GatherRows<ElementArray>;
  readonly gatherAlong: args.GatherAlong<ElementArray>;
  readonly scatterAddAlong: args.ScatterAlong;
  readonly scatterAddRows: args.ScatterRows;
  readonly scatterRows: args.ScatterRows;
  readonly uniform: args.Uniform;
  readonly normal: args.Normal;
  readonly bernoulli: args.Bernoulli;
  readonly dropout: args.Dropout;
  readonly sum: args.Reduction<NumberArray>;
  readonly prod: args.Reduction<NumberArray>;
  readonly amax: args.Reduction<NumberArray>;
  readonly amin: args.Reduction<NumberArray>;
  readonly norm1: args.Reduction;
  readonly norm2: args.Reduction;
  readonly normInf: args.Reduction;
  readonly argmax: args.Positions<NumberArray>;
  readonly argmin: args.Positions<NumberArray>;
  readonly sortAlong: args.SortAlong;
  readonly cumsum: args.Cumulative;
  readonly cumprod: args.Cumulative;
  readonly sumBackward: args.SumBackward;
  readonly prodBackward: args.ReductionBackward;
  readonly extremeBackward: args.ReductionBackward;
  readonly norm1Backward: args.ReductionBackward;
  readonly norm2Backward: args.ReductionBackward;
  readonly normInfBackward: args.ReductionBackward;
  readonly squaredDistance: args.PairSum;
  readonly dotProduct: args.PairSum;
  readonly attentionForward: args.AttentionForward;
  readonly attentionBackward: args.AttentionBackward;
  readonly lstmForward: args.LstmForward;
  readonly lstmBackward: args.LstmBackward;
  readonly gruForward: args.GruForward;
  readonly gruBackward: args.GruBackward;
  readonly softmaxForward: args.Softmax;
  readonly softmaxBackward: args.SoftmaxBackward;
  readonly logSoftmaxForward: args.Softmax;
  readonly logSoftmaxBackward: args.SoftmaxBackward;
  readonly crossEntropy: args.CrossEntropy;
  readonly ctcLosses: args.Ctc;
  readonly layerNormForward: args.LayerNormForward;
  readonly layerNormBackward: args.LayerNormBackward;
  readonly rmsNormForward: args.RmsNormForward;
  readonly rmsNormBackward: args.RmsNormBackward;
  readonly groupNormForward: args.GroupNormForward;
  readonly groupNormBackward: args.GroupNormBackward;
  readonly batchNormStatistics: args.BatchNormStatistics;
  readonly batchNormForward: args.BatchNormForward;
  readonly batchNormBackward: args.BatchNormBackward;
  readonly conv2dForward: args.Conv2dForward;
  readonly conv2dBackwardInput: args.Conv2dBackwardInput;
  readonly conv2dBackwardWeight: args.Conv2dBackwardWeight;
  readonly maxPool2d: args.MaxPool2d;
  readonly maxPool2dForward: args.MaxPool2dForward;
  readonly maxPool2dBackward: args.MaxPool2dBackward;
  readonly avgPool2dForward: args.AvgPool2dForward;
  readonly avgPool2dBackward: args.AvgPool2dBackward;
  readonly resizeBilinearForward: args.ResizeForward;
  readonly resizeBilinearBackward: args.ResizeBackward;
  readonly resizeNearestForward: args.ResizeForward;
  readonly resizeNearestBackward: args.ResizeBackward;
}

/** The functions that whole numbers have as well. */
type WholeUnary = 'square' | 'abs' | 'neg';
type WholeBinary = 'add' | 'sub' | 'mul' | 'maximum' | 'minimum';

/** See UNARY and BINARY in native/kernels.def. */
type Functions = Readonly<
  Record<`${Exclude<UnaryName, WholeUnary>}Forward`, args.Unary> &
    Record<`${WholeUnary}Forward`, args.Unary<NumberArray>> &
    Record<`${UnaryName}Backward`, args.UnaryBackward> &
    Record<Exclude<BinaryName, WholeBinary>, args.Binary> &
    Record<WholeBinary, args.Binary<NumberArray>>
>;
