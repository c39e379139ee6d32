import { checkOptions, type OptionNames } from '../../core/options.js';
import { showShape } from '../../core/shapes.js';
import { checkBoolean } from '../../core/validate.js';
import { checkPoolWindow1d, checkWindow1d, type Padding1d } from '../../core/window-geometry.js';
import { checkTensor, type Tensor } from '../engine/tensor.js';
import { checkGroups, convolve, poolMax, poolMean } from './windows.js';

// Windows over sequences, which are images of one row.

/** See {@link conv1d}. */
export interface Convolution1dOptions {
  /** From one window to the next. Default 1. */
  readonly stride?: number;
  /** Zeros on both sides of a sequence. Default 0. */
  readonly padding?: Padding1d;
  /** From one tap of a window to the next. Default 1. */
  readonly dilation?: number;
  /** Convolutions side by side: each sees its share of the channels and makes its share of the outputs. Default 1. */
  readonly groups?: number;
}

/** See {@link conv1d}. */
export interface Conv1dFunctionOptions extends Convolution1dOptions {
  /** One number for each output channel. Default: none. */
  readonly bias?: Tensor | null;
}

const CONV1D_OPTIONS: OptionNames<Conv1dFunctionOptions> = {
  bias: true,
  stride: true,
  padding: true,
  dilation: true,
  groups: true,
};

export interface PoolWindow1dOptions {
  /** Elements of a window. */
  readonly kernel: number;
  /** From one window to the next. Default: the kernel, so that windows do not overlap. */
  readonly stride?: number;
  /** What does not count, on both sides; at most half of the kernel. Default 0. */
  readonly padding?: number;
  /** Whether a last window that begins inside of sequence and padding may end outside. Default false. */
  readonly ceilMode?: boolean;
}

/** See {@link maxPool1d}. */
export interface MaxPool1dFunctionOptions extends PoolWindow1dOptions {
  /** From one element of a window to the next. Default 1. */
  readonly dilation?: number;
}

const MAX_POOL1D_OPTIONS: OptionNames<MaxPool1dFunctionOptions> = {
  kernel: true,
  stride: true,
  padding: true,
  dilation: true,
  ceilMode: true,
};

/** See {@link avgPool1d}. */
export interface AvgPool1dFunctionOptions extends PoolWindow1dOptions {
  /** Whether zeros of the padding count as elements. Default true. */
  readonly countIncludePad?: boolean;
}

const AVG_POOL1D_OPTIONS: OptionNames<AvgPool1dFunctionOptions> = {
  kernel: true,
  stride: true,
  padding: true,
  ceilMode: true,
  countIncludePad: true,
};

/**
 * The convolution (cross-correlation) of sequences, channels last: y[n][s][o] = bias[o] + the sum over j, c of
 * x[n][s stride + j dilation - padding][c] weight[o][j][c].
 * @param x [batch, length, channels].
 * @param weight [outputs, kernel, channels / groups]. PyTorch's, permuted by [0, 2, 1].
 * @returns [batch, floor((length + 2 padding - dilation (kernel - 1) - 1) / stride) + 1, outputs].
 * @throws RangeError where a window does not fit into the padded sequence, or the channels do not fit the weight.
 */
export function conv1d(x: Tensor, weight: Tensor, options: Conv1dFunctionOptions = {}): Tensor {
  checkTensor('weight', weight);
  checkOptions('conv1d', options, CONV1D_OPTIONS);
  const { bias = null, stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const [outputs, kernel] = weight.shape;
  if (weight.shape.length !== 3) {
    throw new RangeError(
      `weight must have shape [outputs, kernel, channels / groups], got ${showShape(weight.shape)}`,
    );
  }
  checkGroups(groups, 'weight', outputs);
  return convolve(x, weight, bias, checkWindow1d(kernel, stride, padding, dilation), groups, null);
}

/**
 * The largest element of each window, channel by channel. The gradient goes to the first of the largest.
 * @param x [batch, length, channels].
 */
export function maxPool1d(x: Tensor, options: MaxPool1dFunctionOptions): Tensor {
  checkOptions('maxPool1d', options, MAX_POOL1D_OPTIONS);
  return poolMax(x, maxPool1dWindow(options));
}

export function maxPool1dWindow(options: MaxPool1dFunctionOptions) {
  const { kernel, stride = kernel, padding = 0, dilation = 1, ceilMode = false } = options;
  return checkPoolWindow1d(kernel, stride, padding, dilation, ceilMode);
}

/**
 * The mean of the elements of each window, channel by channel.
 * @param x [batch, length, channels].
 */
export function avgPool1d(x: Tensor, options: AvgPool1dFunctionOptions): Tensor {
  checkOptions('avgPool1d', options, AVG_POOL1D_OPTIONS);
  const { window, countIncludePad } = avgPool1dWindow(options);
  return poolMean(x, window, countIncludePad);
}

export function avgPool1dWindow(options: AvgPool1dFunctionOptions) {
  const { kernel, stride = kernel, padding = 0, ceilMode = false, countIncludePad = true } = options;
  checkBoolean('countIncludePad', countIncludePad);
  return { window: checkPoolWindow1d(kernel, stride, padding, 1, ceilMode), countIncludePad };
}
