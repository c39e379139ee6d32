import { checkOptions, type OptionNames } from '../../core/options.js';
import { showShape } from '../../core/shapes.js';
import { checkBoolean, checkInteger } from '../../core/validate.js';
import {
  checkPoolWindow,
  checkWindow,
  type Padding,
  type Pair,
  type PoolWindowOptions,
} from '../../core/window-geometry.js';
import { type Tensor, tensorOf, variableOf } from '../engine/tensor.js';
import * as operations from '../operations/windows.js';

/** See {@link conv2d}. */
export interface ConvolutionOptions {
  /** From one window to the next. Default 1. */
  readonly stride?: Pair;
  /** Zeros around the image. Default 0. */
  readonly padding?: Padding;
  /** From one tap of a window to the next. Default 1. */
  readonly dilation?: Pair;
  /** Convolutions side by side: each sees its share of the channels and makes its share of the outputs. Default 1. */
  readonly groups?: number;
}

/** See {@link conv2d}. */
export interface Conv2dFunctionOptions extends ConvolutionOptions {
  /** One number for each output channel. Default: none. */
  readonly bias?: Tensor | null;
}

const CONV2D_OPTIONS: OptionNames<Conv2dFunctionOptions> = {
  bias: true,
  stride: true,
  padding: true,
  dilation: true,
  groups: true,
};

/** See {@link maxPool2d}. */
export interface MaxPool2dOptions extends PoolWindowOptions {
  /** From one pixel of a window to the next. Default 1. */
  readonly dilation?: Pair;
}

const MAX_POOL2D_OPTIONS: OptionNames<MaxPool2dOptions> = {
  kernel: true,
  stride: true,
  padding: true,
  dilation: true,
  ceilMode: true,
};

/** See {@link avgPool2d}. */
export interface AvgPool2dOptions extends PoolWindowOptions {
  /** Whether zeros of the padding count as pixels. Default true. */
  readonly countIncludePad?: boolean;
}

const AVG_POOL2D_OPTIONS: OptionNames<AvgPool2dOptions> = {
  kernel: true,
  stride: true,
  padding: true,
  ceilMode: true,
  countIncludePad: true,
};

/**
 * The convolution (cross-correlation, as everywhere in deep learning) of images, channels last:
 * y[n][r][s][o] = bias[o] + the sum over i, j, c of x[n][r stride + i dilation - padding][s stride + j dilation - padding][c]
 * weight[o][i][j][c].
 * @param x [batch, height, width, channels].
 * @param weight [outputs, kernel height, kernel width, channels / groups]. PyTorch's, permuted by [0, 2, 3, 1].
 * @returns [batch, outputs down, outputs across, outputs], floor((size + padding - dilation (kernel - 1) - 1) / stride) + 1
 *   along each dimension.
 * @throws RangeError where a window does not fit into the padded image, or the channels do not fit the weight.
 */
export function conv2d(x: Tensor, weight: Tensor, options: Conv2dFunctionOptions = {}): Tensor {
  const [variable, weights] = [variableOf('x', x), variableOf('weight', weight)];
  checkOptions('conv2d', options, CONV2D_OPTIONS);
  const { bias = null, stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const [outputs, height, width] = weights.shape;
  if (weights.shape.length !== 4) {
    throw new RangeError(
      `weight must have shape [outputs, kernel height, kernel width, channels / groups], got ${showShape(weights.shape)}`,
    );
  }
  checkGroups(groups, 'weight', outputs);
  const window = checkWindow([height, width], stride, padding, dilation);
  const added = bias === null ? null : variableOf('bias', bias);
  return tensorOf(operations.conv2d(variable, weights, added, window, groups));
}

/** Groups must have equal shares of what there is `count` of. */
export function checkGroups(groups: unknown, name: string, count: number): asserts groups is number {
  checkInteger('groups', groups, 1);
  if (count % groups !== 0) throw new RangeError(`groups must divide the ${count} of ${name}, got ${groups}`);
}

/**
 * The largest pixel of each window, channel by channel. The gradient goes to the first of the largest.
 * @param x [batch, height, width, channels].
 */
export function maxPool2d(x: Tensor, options: MaxPool2dOptions): Tensor {
  checkOptions('maxPool2d', options, MAX_POOL2D_OPTIONS);
  return tensorOf(operations.maxPool2d(variableOf('x', x), maxPoolWindow(options)));
}

export function maxPoolWindow(options: MaxPool2dOptions) {
  const { kernel, stride = kernel, padding = 0, dilation = 1, ceilMode = false } = options;
  return checkPoolWindow(kernel, stride, padding, dilation, ceilMode);
}

/**
 * The mean of the pixels of each window, channel by channel.
 * @param x [batch, height, width, channels].
 */
export function avgPool2d(x: Tensor, options: AvgPool2dOptions): Tensor {
  checkOptions('avgPool2d', options, AVG_POOL2D_OPTIONS);
  const { window, countIncludePad } = avgPoolWindow(options);
  return tensorOf(operations.avgPool2d(variableOf('x', x), window, countIncludePad));
}

export function avgPoolWindow(options: AvgPool2dOptions) {
  const { kernel, stride = kernel, padding = 0, ceilMode = false, countIncludePad = true } = options;
  checkBoolean('countIncludePad', countIncludePad);
  return { window: checkPoolWindow(kernel, stride, padding, 1, ceilMode), countIncludePad };
}
