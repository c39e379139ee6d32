import { ACTIVATIONS } from '../../backend/contract/activations.js';
import type { UnaryName } from '../../backend/contract/kernels.js';
import { kernels } from '../../backend/stream.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { type Shape, showShape } from '../../core/shapes.js';
import { checkBoolean, checkInteger } from '../../core/validate.js';
import {
  checkPoolWindow,
  checkReach,
  checkWindow,
  type Padding,
  type Pair,
  type PoolWindowOptions,
  placeWindow,
  type Window,
  type WindowSizes,
} from '../../core/window-geometry.js';
import { contribute, isRecorded, record, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, checkTensor, type Tensor } from '../engine/tensor.js';
import { affine, type Product } from './affine.js';
import { checkSameType } from './check.js';

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
export interface MaxPool2dFunctionOptions extends PoolWindowOptions {
  /** From one pixel of a window to the next. Default 1. */
  readonly dilation?: Pair;
}

const MAX_POOL2D_OPTIONS: OptionNames<MaxPool2dFunctionOptions> = {
  kernel: true,
  stride: true,
  padding: true,
  dilation: true,
  ceilMode: true,
};

/** See {@link avgPool2d}. */
export interface AvgPool2dFunctionOptions extends PoolWindowOptions {
  /** Whether zeros of the padding count as pixels. Default true. */
  readonly countIncludePad?: boolean;
}

const AVG_POOL2D_OPTIONS: OptionNames<AvgPool2dFunctionOptions> = {
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
  checkTensor('weight', weight);
  checkOptions('conv2d', options, CONV2D_OPTIONS);
  const { bias = null, stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const [outputs, height, width] = weight.shape;
  if (weight.shape.length !== 4) {
    throw new RangeError(
      `weight must have shape [outputs, kernel height, kernel width, channels / groups], got ${showShape(weight.shape)}`,
    );
  }
  checkGroups(groups, 'weight', outputs);
  const window = checkWindow([height, width], stride, padding, dilation);
  return convolve(x, weight, bias, window, groups, null);
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
export function maxPool2d(x: Tensor, options: MaxPool2dFunctionOptions): Tensor {
  checkOptions('maxPool2d', options, MAX_POOL2D_OPTIONS);
  return poolMax(x, maxPoolWindow(options));
}

export function maxPoolWindow(options: MaxPool2dFunctionOptions) {
  const { kernel, stride = kernel, padding = 0, dilation = 1, ceilMode = false } = options;
  return checkPoolWindow(kernel, stride, padding, dilation, ceilMode);
}

/**
 * The mean of the pixels of each window, channel by channel.
 * @param x [batch, height, width, channels].
 */
export function avgPool2d(x: Tensor, options: AvgPool2dFunctionOptions): Tensor {
  checkOptions('avgPool2d', options, AVG_POOL2D_OPTIONS);
  const { window, countIncludePad } = avgPoolWindow(options);
  return poolMean(x, window, countIncludePad);
}

export function avgPoolWindow(options: AvgPool2dFunctionOptions) {
  const { kernel, stride = kernel, padding = 0, ceilMode = false, countIncludePad = true } = options;
  checkBoolean('countIncludePad', countIncludePad);
  return { window: checkPoolWindow(kernel, stride, padding, 1, ceilMode), countIncludePad };
}

/** The lengths of a batch of images, or of sequences (`rank` is 1), which are images of one row. */
export function imagesOf(name: string, images: Tensor, rank: 1 | 2 = 2) {
  checkTensor(name, images);
  const { shape } = images;
  if (shape.length !== rank + 2) {
    const dimensions = rank === 1 ? 'length' : 'height, width';
    throw new RangeError(`${name} must have shape [batch, ${dimensions}, channels], got ${showShape(shape)}`);
  }
  const height = rank === 1 ? 1 : shape[1];
  return { batch: shape[0], height, width: shape[rank], channels: shape[rank + 1] };
}

/** The shape of such a batch. */
export function shapeOfImages(
  rank: 1 | 2,
  batch: number,
  height: number,
  width: number,
  channels: number,
): Shape {
  return rank === 1 ? [batch, width, channels] : [batch, height, width, channels];
}

/** Whose sizes are those of the windows, the groups, the batch, and the channels in and out of a group. */
const CONV2D: Product<readonly [...WindowSizes, number, number, number, number]> = {
  name: 'conv2d',
  forward: (sizes, x, weight, bias, activation, y) => {
    const end = [ACTIVATIONS.indexOf(activation), bias === null ? 0 : 1] as const;
    kernels().conv2dForward(...sizes, ...end, x, weight, bias, y);
  },
  toWeight: (sizes, x, gradient, into, accumulate) =>
    kernels().conv2dBackwardWeight(...sizes, accumulate, x, gradient, into),
  toInput: (sizes, weight, gradient, into, accumulate) =>
    kernels().conv2dBackwardInput(...sizes, accumulate, weight, gradient, into),
};

/**
 * The convolution of x with weight [outputs, kernel height, kernel width, channels / groups], plus bias; then the function. Of
 * sequences the weight has no height.
 */
export function convolve(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  window: Window,
  groups: number,
  activation: UnaryName | null,
): Tensor {
  checkSameType('x', x, weight);
  const { rank } = window;
  const { batch, height, width, channels } = imagesOf('x', x, rank);
  const [outputs, inputs] = [weight.shape[0], weight.shape[rank + 1]];
  if (channels !== inputs * groups) {
    throw new RangeError(`x must have ${inputs * groups} channels, got shape ${showShape(x.shape)}`);
  }
  const sizes = placeWindow(window, height, width);
  checkReach(sizes, batch, groups, inputs, outputs / groups);
  const layout = [...sizes, groups, batch, inputs, outputs / groups] as const;
  const shape = shapeOfImages(rank, batch, sizes[2], sizes[3], outputs);
  return affine(CONV2D, layout, shape, x, weight, bias, activation);
}

/** The sizes of a pooling kernel, and the shape of its result. */
function placePool(x: Tensor, window: Window) {
  const { batch, height, width, channels } = imagesOf('x', x, window.rank);
  const sizes = placeWindow(window, height, width);
  const shape = shapeOfImages(window.rank, batch, sizes[2], sizes[3], channels);
  return {
    layout: [...sizes, batch, channels] as const,
    shape,
    size: batch * sizes[2] * sizes[3] * channels,
  };
}

/** The way back of what is not recorded. */
const NOWHERE = () => undefined;

/** The largest pixel of each window. */
export function poolMax(x: Tensor, window: Window): Tensor {
  const { layout, shape, size } = placePool(x, window);
  const y = takeLike(x, size);
  const result = { name: 'maxPool2d', shape, out: y, inputs: [x] };
  if (!isRecorded([x])) {
    kernels().maxPool2d(...layout, arrayOf(x), y);
    return record(result, NOWHERE);
  }
  // Whole numbers in memory of the pool.
  const memory = pool.take('float32', size);
  const positions = new Int32Array(memory.buffer, memory.byteOffset, size);
  kernels().maxPool2dForward(...layout, arrayOf(x), positions, y);
  return record({ ...result, saved: [memory] }, (gradient) => {
    contribute(x, (into, accumulate) =>
      kernels().maxPool2dBackward(...layout, accumulate, positions, gradient, into),
    );
    pool.release(gradient);
  });
}

/** The mean of the pixels of each window, the padding among them where it counts. */
export function poolMean(x: Tensor, window: Window, countIncludePad: boolean): Tensor {
  const { layout, shape, size } = placePool(x, window);
  const y = takeLike(x, size);
  const counted = countIncludePad ? 1 : 0;
  kernels().avgPool2dForward(...layout, counted, arrayOf(x), y);
  return record({ name: 'avgPool2d', shape, out: y, inputs: [x] }, (gradient) => {
    contribute(x, (into, accumulate) =>
      kernels().avgPool2dBackward(...layout, counted, accumulate, gradient, into),
    );
    pool.release(gradient);
  });
}
