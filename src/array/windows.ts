import { ACTIVATIONS, type Activation } from '../backend/contract/activations.js';
import { kernels } from '../backend/select.js';
import { checkLength, overlap } from '../core/float-arrays.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { readShape, type Shape } from '../core/shapes.js';
import type { FloatArray } from '../core/types.js';
import { checkBoolean, checkInteger, checkOneOf, show } from '../core/validate.js';
import {
  checkPoolWindow,
  checkReach,
  checkWindow,
  type Padding,
  type Pair,
  type PoolWindowOptions,
  placeWindow,
  type Window,
} from '../core/window-geometry.js';
import { checkApart, checkFloats, checkSameType, checkSize, resultFor } from './operands.js';

/** See {@link conv2d}. */
export interface Conv2dOptions<A extends FloatArray = FloatArray> {
  /** [batch, height, width, channels] of x. */
  readonly shape: readonly number[];
  /** [outputs, kernel height, kernel width, channels / groups]. */
  readonly weightShape: readonly number[];
  /** One number for each output channel. Default: none. */
  readonly bias?: A | null;
  /** From one window to the next. Default 1. */
  readonly stride?: Pair;
  /** Zeros around the image. Default 0. */
  readonly padding?: Padding;
  /** From one tap of a window to the next. Default 1. */
  readonly dilation?: Pair;
  /** Convolutions side by side: each sees its share of the channels and makes its share of the outputs. Default 1. */
  readonly groups?: number;
  /** What is applied in the end. Default 'none'. */
  readonly activation?: Activation;
  /** Where the result goes; it must not share memory with the inputs. Default: a new array. */
  readonly out?: A;
}

const CONV2D_OPTIONS: OptionNames<Conv2dOptions> = {
  shape: true,
  weightShape: true,
  bias: true,
  stride: true,
  padding: true,
  dilation: true,
  groups: true,
  activation: true,
  out: true,
};

/** See {@link maxPool2d}. */
export interface MaxPool2dOptions<A extends FloatArray = FloatArray> extends PoolWindowOptions {
  /** [batch, height, width, channels] of x. */
  readonly shape: readonly number[];
  /** From one pixel of a window to the next. Default 1. */
  readonly dilation?: Pair;
  /** Receives where each of the largest is: its row times the width plus its column. Default: nothing does. */
  readonly positions?: Int32Array;
  /** Where the result goes; it must not share memory with x. Default: a new array. */
  readonly out?: A;
}

const MAX_POOL2D_OPTIONS: OptionNames<MaxPool2dOptions> = {
  shape: true,
  kernel: true,
  stride: true,
  padding: true,
  dilation: true,
  ceilMode: true,
  positions: true,
  out: true,
};

/** See {@link avgPool2d}. */
export interface AvgPool2dOptions<A extends FloatArray = FloatArray> extends PoolWindowOptions {
  /** [batch, height, width, channels] of x. */
  readonly shape: readonly number[];
  /** Whether zeros of the padding count as pixels. Default true. */
  readonly countIncludePad?: boolean;
  /** Where the result goes; it must not share memory with x. Default: a new array. */
  readonly out?: A;
}

const AVG_POOL2D_OPTIONS: OptionNames<AvgPool2dOptions> = {
  shape: true,
  kernel: true,
  stride: true,
  padding: true,
  ceilMode: true,
  countIncludePad: true,
  out: true,
};

function readImages(value: unknown): Shape {
  const shape = readShape('shape', value);
  if (shape.length !== 4 || shape[1] === 0 || shape[2] === 0) {
    throw new RangeError(`shape must be [batch, height, width, channels] with pixels, got ${show(shape)}`);
  }
  return shape;
}

/**
 * activation(bias + the convolution of x), channels last: y[n][r][s][o] = the sum over i, j, c of
 * x[n][r stride + i dilation - padding][s stride + j dilation - padding][c] weight[o][i][j][c].
 *
 * The same bits on every native target and for any number of threads; TypeScript stays within as many roundings of the
 * sum of the magnitudes as it has terms, and two, before the activation.
 * @param x [batch, height, width, channels].
 * @param weight [outputs, kernel height, kernel width, channels / groups]. PyTorch's, permuted by [0, 2, 3, 1].
 * @returns [batch, outputs down, outputs across, outputs]: `out`, or a new array.
 * @throws TypeError or RangeError naming the argument that does not fit; nothing is then written.
 */
export function conv2d<A extends FloatArray>(x: A, weight: A, options: Conv2dOptions<A>): A;
export function conv2d(x: FloatArray, weight: FloatArray, options: Conv2dOptions): FloatArray {
  checkFloats('x', x);
  checkFloats('weight', weight);
  checkSameType('weight', weight, x);
  checkOptions('conv2d', options, CONV2D_OPTIONS);
  const { shape, weightShape, bias = null, activation = 'none', out } = options;
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const lengths = readImages(shape);
  const [batch, height, width, channels] = lengths;
  const weightLengths = readShape('weightShape', weightShape);
  if (weightLengths.length !== 4 || weightLengths.includes(0)) {
    const expected = '[outputs, kernel height, kernel width, channels / groups]';
    throw new RangeError(`weightShape must be ${expected}, none of them 0, got ${show(weightLengths)}`);
  }
  const [outputs, kernelHeight, kernelWidth, inputs] = weightLengths;
  checkInteger('groups', groups, 1);
  if (outputs % groups !== 0)
    throw new RangeError(`groups must divide the ${outputs} outputs, got ${groups}`);
  if (channels !== inputs * groups) {
    throw new RangeError(`shape must have ${inputs * groups} channels, got ${show(shape)}`);
  }
  checkOneOf('activation', activation, ACTIVATIONS);
  const sizes = placeWindow(
    checkWindow([kernelHeight, kernelWidth], stride, padding, dilation),
    height,
    width,
  );
  checkSize('shape', lengths, x);
  checkSize('weightShape', weightLengths, weight);
  checkReach(sizes, batch, groups, inputs, outputs / groups);
  const y = resultFor(out, batch * sizes[2] * sizes[3] * outputs, x);
  checkApart(y, 'x', x);
  checkApart(y, 'weight', weight);
  if (bias !== null) {
    checkFloats('bias', bias);
    checkSameType('bias', bias, x);
    if (bias.length !== outputs)
      throw new RangeError(`bias must have ${outputs} elements, got ${bias.length}`);
    checkApart(y, 'bias', bias);
  }
  if (batch === 0) return y;
  const finish = [ACTIVATIONS.indexOf(activation), bias === null ? 0 : 1] as const;
  kernels().conv2dForward(...sizes, groups, batch, inputs, outputs / groups, ...finish, x, weight, bias, y);
  return y;
}

/** What both kinds of pooling check. */
function checkPool(x: FloatArray, shape: readonly number[], window: Window, out: unknown) {
  const lengths = readImages(shape);
  checkSize('shape', lengths, x);
  const [batch, height, width, channels] = lengths;
  const sizes = placeWindow(window, height, width);
  const y = resultFor(out, batch * sizes[2] * sizes[3] * channels, x);
  checkApart(y, 'x', x);
  return { layout: [...sizes, batch, channels] as const, y };
}

/**
 * The largest pixel of each window, channel by channel; NaN where there is one. Exact.
 * @param x [batch, height, width, channels].
 * @returns [batch, outputs down, outputs across, channels]: `out`, or a new array.
 * @throws TypeError or RangeError naming the argument that does not fit; nothing is then written.
 */
export function maxPool2d<A extends FloatArray>(x: A, options: MaxPool2dOptions<A>): A;
export function maxPool2d(x: FloatArray, options: MaxPool2dOptions): FloatArray {
  checkOptions('maxPool2d', options, MAX_POOL2D_OPTIONS);
  const {
    shape,
    kernel,
    stride = kernel,
    padding = 0,
    dilation = 1,
    ceilMode = false,
    positions,
    out,
  } = options;
  checkFloats('x', x);
  const { layout, y } = checkPool(
    x,
    shape,
    checkPoolWindow(kernel, stride, padding, dilation, ceilMode),
    out,
  );
  if (positions === undefined) {
    if (y.length > 0) kernels().maxPool2d(...layout, x, y);
    return y;
  }
  if (!(positions instanceof Int32Array))
    throw new TypeError(`positions must be an Int32Array, got ${show(positions)}`);
  checkLength('positions', positions);
  if (positions.length !== y.length) {
    throw new RangeError(`positions must have ${y.length} elements, got ${positions.length}`);
  }
  checkApart(y, 'positions', positions);
  if (overlap(positions, x)) throw new RangeError('positions must not share memory with x');
  if (y.length > 0) kernels().maxPool2dForward(...layout, x, positions, y);
  return y;
}

/**
 * The mean of the pixels of each window, channel by channel: their sum, in order, over their number.
 * @param x [batch, height, width, channels].
 * @returns [batch, outputs down, outputs across, channels]: `out`, or a new array.
 * @throws TypeError or RangeError naming the argument that does not fit; nothing is then written.
 */
export function avgPool2d<A extends FloatArray>(x: A, options: AvgPool2dOptions<A>): A;
export function avgPool2d(x: FloatArray, options: AvgPool2dOptions): FloatArray {
  checkOptions('avgPool2d', options, AVG_POOL2D_OPTIONS);
  const {
    shape,
    kernel,
    stride = kernel,
    padding = 0,
    ceilMode = false,
    countIncludePad = true,
    out,
  } = options;
  checkFloats('x', x);
  checkBoolean('countIncludePad', countIncludePad);
  const { layout, y } = checkPool(x, shape, checkPoolWindow(kernel, stride, padding, 1, ceilMode), out);
  if (y.length > 0) kernels().avgPool2dForward(...layout, countIncludePad ? 1 : 0, x, y);
  return y;
}
