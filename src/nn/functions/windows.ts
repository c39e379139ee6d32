import { ACTIVATIONS } from '../../backend/contract/activations.js';
import { UNARY, type UnaryName } from '../../backend/contract/kernels.js';
import { kernels } from '../../backend/select.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { sameShape, showShape } from '../../core/shapes.js';
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
} from '../../core/window-geometry.js';
import { contribute, factorsRead, record, takeLike, type Variable } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { type Tensor, tensorOf, variableOf } from '../engine/tensor.js';
import { checkSameType } from './check.js';
import { fusable } from './products.js';
import { giveSum } from './reductions.js';
import { activate } from './unary.js';

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
  return tensorOf(convolve(variable, weights, added, window, groups));
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
  return tensorOf(poolMax(variableOf('x', x), maxPoolWindow(options)));
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
  return tensorOf(poolMean(variableOf('x', x), window, countIncludePad));
}

export function avgPoolWindow(options: AvgPool2dFunctionOptions) {
  const { kernel, stride = kernel, padding = 0, ceilMode = false, countIncludePad = true } = options;
  checkBoolean('countIncludePad', countIncludePad);
  return { window: checkPoolWindow(kernel, stride, padding, 1, ceilMode), countIncludePad };
}

/** The lengths of a batch of images. */
export function imagesOf(name: string, { shape }: Variable) {
  if (shape.length !== 4) {
    throw new RangeError(`${name} must have shape [batch, height, width, channels], got ${showShape(shape)}`);
  }
  const [batch, height, width, channels] = shape;
  return { batch, height, width, channels };
}

/** The convolution of x with weight [outputs, kernel height, kernel width, channels / groups], plus bias; then the function. */
export function convolve(
  x: Variable,
  weight: Variable,
  bias: Variable | null,
  window: Window,
  groups: number,
  name: UnaryName | null = null,
): Variable {
  checkSameType('x', x, weight);
  const { batch, height, width, channels } = imagesOf('x', x);
  const [outputs, , , inputs] = weight.shape;
  if (channels !== inputs * groups) {
    throw new RangeError(`x must have ${inputs * groups} channels, got shape ${showShape(x.shape)}`);
  }
  if (bias !== null) {
    checkSameType('bias', bias, weight);
    if (!sameShape(bias.shape, [outputs])) {
      throw new RangeError(`bias must have shape [${outputs}], got ${showShape(bias.shape)}`);
    }
  }
  const sizes = placeWindow(window, height, width);
  checkReach(sizes, batch, groups, inputs, outputs / groups);
  const [, , outHeight, outWidth] = sizes;
  const layout = [...sizes, groups, batch, inputs, outputs / groups] as const;
  const variables = bias === null ? [x, weight] : [x, weight, bias];
  const fused = fusable(name, variables);
  const pixels = batch * outHeight * outWidth;
  const y = takeLike(x, pixels * outputs);
  const finish = [ACTIVATIONS.indexOf(fused ?? 'none'), bias === null ? 0 : 1] as const;
  kernels().conv2dForward(...layout, ...finish, x.array, weight.array, bias?.array ?? null, y);
  const output = record({
    name: 'conv2d',
    shape: [batch, outHeight, outWidth, outputs],
    out: y,
    inputs: variables,
    reads: factorsRead(x, weight),
    readsOutput: fused !== null,
    backward(gradient) {
      if (fused !== null) kernels()[UNARY[fused].backward](y.length, y, gradient, gradient);
      contribute(weight, (into, accumulate) =>
        kernels().conv2dBackwardWeight(...layout, accumulate, x.array, gradient, into),
      );
      if (bias !== null) giveSum(bias, [{ outer: 1, count: pixels, inner: outputs }], gradient);
      contribute(x, (into, accumulate) =>
        kernels().conv2dBackwardInput(...layout, accumulate, weight.array, gradient, into),
      );
      pool.release(gradient);
    },
  });
  return name === null || fused !== null ? output : activate(name, output);
}

/** The sizes of a pooling kernel, and the shape of its result. */
function placePool(x: Variable, window: Window) {
  const { batch, height, width, channels } = imagesOf('x', x);
  const sizes = placeWindow(window, height, width);
  const shape = [batch, sizes[2], sizes[3], channels];
  return {
    layout: [...sizes, batch, channels] as const,
    shape,
    size: batch * sizes[2] * sizes[3] * channels,
  };
}

/** The largest pixel of each window. */
export function poolMax(x: Variable, window: Window): Variable {
  const { layout, shape, size } = placePool(x, window);
  const y = takeLike(x, size);
  // Whole numbers in memory of the pool.
  const memory = pool.take('float32', size);
  const positions = new Int32Array(memory.buffer, memory.byteOffset, size);
  kernels().maxPool2dForward(...layout, x.array, positions, y);
  return record({
    name: 'maxPool2d',
    shape,
    out: y,
    inputs: [x],
    saved: [memory],
    backward(gradient) {
      contribute(x, (into, accumulate) =>
        kernels().maxPool2dBackward(...layout, accumulate, positions, gradient, into),
      );
      pool.release(gradient);
    },
  });
}

/** The mean of the pixels of each window, the padding among them where it counts. */
export function poolMean(x: Variable, window: Window, countIncludePad: boolean): Variable {
  const { layout, shape, size } = placePool(x, window);
  const y = takeLike(x, size);
  const counted = countIncludePad ? 1 : 0;
  kernels().avgPool2dForward(...layout, counted, x.array, y);
  return record({
    name: 'avgPool2d',
    shape,
    out: y,
    inputs: [x],
    backward(gradient) {
      contribute(x, (into, accumulate) =>
        kernels().avgPool2dBackward(...layout, counted, accumulate, gradient, into),
      );
      pool.release(gradient);
    },
  });
}
