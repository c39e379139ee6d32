import type { Activation } from '../../backend/contract/activations.js';
import { UNARY, type UnaryName } from '../../backend/contract/kernels.js';
import { kernels } from '../../backend/stream.js';
import { dtypeOf } from '../../core/dtypes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { showShape } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { checkInteger } from '../../core/validate.js';
import {
  checkPair,
  checkReach,
  checkWindow,
  checkWindow1d,
  type Pair,
  placeTransposed,
  type Window,
  type WindowSizes,
} from '../../core/window-geometry.js';
import { pool } from '../engine/pool.js';
import { checkTensor, type Tensor } from '../engine/tensor.js';
import { affine, type Product } from './affine.js';
import { checkSameType } from './check.js';
import { checkGroups, imagesOf, shapeOfImages } from './windows.js';

// Transposed convolutions: the way back of a convolution as the way forward, and that way forward as the way back.

/** See {@link convTranspose2d}. */
export interface TransposedOptions {
  /** From the outputs of one element of x to those of the next. Default 1. */
  readonly stride?: Pair;
  /** Outputs that are left out on both sides of each dimension. Default 0. */
  readonly padding?: Pair;
  /** Outputs more at the end of each dimension: less than the stride or the dilation. Default 0. */
  readonly outputPadding?: Pair;
  /** From one tap of a window to the next. Default 1. */
  readonly dilation?: Pair;
  /** Convolutions side by side: each sees its share of the channels and makes its share of the outputs. Default 1. */
  readonly groups?: number;
}

/** See {@link convTranspose1d}. */
export type Transposed1dOptions = { readonly [Name in keyof TransposedOptions]?: number };

interface Bias {
  /** One number for each output channel. Default: none. */
  readonly bias?: Tensor | null;
}

/** See {@link convTranspose2d}. */
export interface ConvTranspose2dFunctionOptions extends TransposedOptions, Bias {}

/** See {@link convTranspose1d}. */
export interface ConvTranspose1dFunctionOptions extends Transposed1dOptions, Bias {}

const OPTIONS: OptionNames<ConvTranspose2dFunctionOptions & ConvTranspose1dFunctionOptions> = {
  bias: true,
  stride: true,
  padding: true,
  outputPadding: true,
  groups: true,
  dilation: true,
};

/** Windows, and how much more than they need the result has at its end. */
export interface TransposedWindow {
  readonly window: Window;
  readonly outputPadding: Pair;
}

export function transposedWindow(kernel: Pair, options: TransposedOptions): TransposedWindow {
  const { stride = 1, padding = 0, outputPadding = 0, dilation = 1 } = options;
  const before = checkPair('padding', padding, 0);
  return { window: checkWindow(kernel, stride, before, dilation), outputPadding };
}

export function transposedWindow1d(kernel: number, options: Transposed1dOptions): TransposedWindow {
  const { stride = 1, padding = 0, outputPadding = 0, dilation = 1 } = options;
  checkInteger('padding', padding, 0);
  return { window: checkWindow1d(kernel, stride, padding, dilation), outputPadding: [0, outputPadding] };
}

/**
 * The transposed convolution of images, channels last: every element of x adds weight, times itself, to the outputs that a
 * convolution with these options would have made it of. Bias is added to all.
 * @param x [batch, height, width, channels].
 * @param weight [channels, kernel height, kernel width, outputs / groups]. PyTorch's, permuted by [0, 2, 3, 1].
 * @returns [batch, outputs down, outputs across, outputs], (size - 1) stride - 2 padding + dilation (kernel - 1) +
 *   outputPadding + 1 along each dimension.
 * @throws RangeError where nothing would be left, or the channels do not fit the weight.
 */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  options: ConvTranspose2dFunctionOptions = {},
): Tensor {
  checkTensor('weight', weight);
  checkOptions('convTranspose2d', options, OPTIONS);
  const { bias = null, groups = 1 } = options;
  checkWeight(weight, 4, 'kernel height, kernel width', groups);
  const [, height, width] = weight.shape;
  return transposed(x, weight, bias, transposedWindow([height, width], options), groups, null);
}

/**
 * The same of sequences.
 * @param x [batch, length, channels].
 * @param weight [channels, kernel, outputs / groups]. PyTorch's, permuted by [0, 2, 1].
 * @returns [batch, (length - 1) stride - 2 padding + dilation (kernel - 1) + outputPadding + 1, outputs].
 * @throws RangeError where nothing would be left, or the channels do not fit the weight.
 */
export function convTranspose1d(
  x: Tensor,
  weight: Tensor,
  options: ConvTranspose1dFunctionOptions = {},
): Tensor {
  checkTensor('weight', weight);
  checkOptions('convTranspose1d', options, OPTIONS);
  const { bias = null, groups = 1 } = options;
  checkWeight(weight, 3, 'kernel', groups);
  return transposed(x, weight, bias, transposedWindow1d(weight.shape[1], options), groups, null);
}

function checkWeight({ shape }: Tensor, rank: number, kernel: string, groups: number): void {
  if (shape.length !== rank) {
    throw new RangeError(
      `weight must have shape [channels, ${kernel}, outputs / groups], got ${showShape(shape)}`,
    );
  }
  checkGroups(groups, 'weight', shape[0]);
}

type Sizes = readonly [...WindowSizes, groups: number, batch: number, outputs: number, channels: number];

/** The sizes are those of the convolution, from what is the result here. */
const TRANSPOSED: Product<Sizes> = {
  name: 'convTranspose',
  forward: (sizes, x, weight, bias, activation, y) => {
    kernels().conv2dBackwardInput(...sizes, 0, weight, x, y);
    finish(sizes[12] * sizes[14], bias, activation, y);
  },
  toWeight: (sizes, x, gradient, into, accumulate) =>
    kernels().conv2dBackwardWeight(...sizes, accumulate, gradient, x, into),
  toInput: (sizes, weight, gradient, into, accumulate) => {
    const result = accumulate ? pool.take(dtypeOf(into), into.length) : into;
    kernels().conv2dForward(...sizes, 0, 0, gradient, weight, null, result);
    if (result === into) return;
    kernels().add(0, 1, 1, into.length, into, result, into);
    pool.release(result);
  },
};

/** What a product does in passing. */
function finish(outputs: number, bias: FloatArray | null, activation: Activation, y: FloatArray): void {
  if (bias !== null) kernels().add(ROW_REPEATED, 1, y.length / outputs, outputs, y, bias, y);
  if (activation === 'none') return;
  kernels()[UNARY[activation].forward](y.length, y, y);
}

/** The `layout` of two operands, of which the second is a row. */
const ROW_REPEATED = 1 << (3 + 1);

/** The transposed convolution of x with weight [channels, ..., outputs / groups], plus bias; then the function. */
export function transposed(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  { window, outputPadding }: TransposedWindow,
  groups: number,
  activation: UnaryName | null,
): Tensor {
  checkSameType('x', x, weight);
  const { rank } = window;
  const { batch, height, width, channels } = imagesOf('x', x, rank);
  const [inputs, outputs] = [weight.shape[0], weight.shape[rank + 1]];
  if (channels !== inputs) {
    throw new RangeError(`x must have ${inputs} channels, got shape ${showShape(x.shape)}`);
  }
  const sizes = placeTransposed(window, outputPadding, height, width);
  checkReach(sizes, batch, groups, outputs, inputs / groups);
  const layout = [...sizes, groups, batch, outputs, inputs / groups] as const;
  const shape = shapeOfImages(rank, batch, sizes[0], sizes[1], groups * outputs);
  return affine(TRANSPOSED, layout, shape, x, weight, bias, activation);
}
