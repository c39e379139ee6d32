import { checkBoolean, checkInteger, MAX_INT32, show } from './validate.js';

// Where the windows of convolutions and of pooling lie: what they have in common for arrays and for networks.

/** One number for height and width, or both. */
export type Pair = number | readonly [height: number, width: number];

/** Zeros around an image: on both sides of each dimension, or 'same' for as many outputs as pixels, or 'valid' for none. */
export type Padding = Pair | 'same' | 'valid';

/** Zeros on both sides of a sequence: see {@link Padding}. */
export type Padding1d = number | 'same' | 'valid';

type Numbers = readonly [height: number, width: number];

/** Windows, whatever the size of the image. */
export interface Window {
  /** 1 where what is called an image is a sequence: the one row of it. */
  readonly rank: 1 | 2;
  readonly kernel: Numbers;
  readonly stride: Numbers;
  readonly dilation: Numbers;
  /** Above and to the left. */
  readonly before: Numbers;
  /** Below and to the right. */
  readonly after: Numbers;
  /** Whether a last window that begins inside may end outside. */
  readonly ceilMode: boolean;
}

/** The first twelve arguments of the kernels: see native/matrix/window-arguments.h. */
// biome-ignore format: in pairs
export type WindowSizes = readonly [
  height: number, width: number, outHeight: number, outWidth: number, kernelHeight: number, kernelWidth: number,
  strideHeight: number, strideWidth: number, dilationHeight: number, dilationWidth: number, padTop: number,
  padLeft: number,
];

export function checkPair(name: string, value: unknown, low: number): Numbers {
  const pair: readonly unknown[] = Array.isArray(value) ? value : [value, value];
  if (pair.length !== 2)
    throw new RangeError(`${name} must be a number or [height, width], got ${show(value)}`);
  const [height, width] = pair;
  const names = Array.isArray(value) ? [`${name}[0]`, `${name}[1]`] : [name, name];
  checkInteger(names[0], height, low);
  checkInteger(names[1], width, low);
  if (Math.max(height, width) > MAX_INT32) {
    throw new RangeError(`${name} must be at most ${MAX_INT32}, got ${show(value)}`);
  }
  return [height, width];
}

/** The window of a convolution. */
export function checkWindow(kernel: Pair, stride: Pair, padding: Padding, dilation: Pair): Window {
  const [kernels, strides] = [checkPair('kernel', kernel, 1), checkPair('stride', stride, 1)];
  const dilations = checkPair('dilation', dilation, 1);
  const rest = { rank: 2, kernel: kernels, stride: strides, dilation: dilations, ceilMode: false } as const;
  if (typeof padding !== 'string') {
    const before = checkPair('padding', padding, 0);
    return { ...rest, before, after: before };
  }
  if (padding === 'valid') return { ...rest, before: [0, 0], after: [0, 0] };
  if (padding !== 'same') {
    throw new RangeError(
      `padding must be a number, [height, width], 'same' or 'valid', got ${show(padding)}`,
    );
  }
  if (strides[0] !== 1 || strides[1] !== 1) {
    throw new RangeError(`stride must be 1 where padding is 'same', got ${show(stride)}`);
  }
  const [down, across] = [(kernels[0] - 1) * dilations[0], (kernels[1] - 1) * dilations[1]];
  const before: Numbers = [Math.floor(down / 2), Math.floor(across / 2)];
  return { ...rest, before, after: [down - before[0], across - before[1]] };
}

/** A length along a sequence, as one of images of one row, where `none` is what does nothing along their height. */
function checkAlong(name: string, value: unknown, none: 0 | 1): Numbers {
  checkInteger(name, value, none);
  if (value > MAX_INT32) throw new RangeError(`${name} must be at most ${MAX_INT32}, got ${value}`);
  return [none, value];
}

/** The window of a convolution over sequences. */
export function checkWindow1d(kernel: number, stride: number, padding: Padding1d, dilation: number): Window {
  const window = checkWindow(
    checkAlong('kernel', kernel, 1),
    checkAlong('stride', stride, 1),
    typeof padding === 'string' ? padding : checkAlong('padding', padding, 0),
    checkAlong('dilation', dilation, 1),
  );
  return { ...window, rank: 1 };
}

/** The window of pooling over sequences. */
export function checkPoolWindow1d(
  kernel: number,
  stride: number,
  padding: number,
  dilation: number,
  ceilMode: boolean,
): Window {
  const window = checkPoolWindow(
    checkAlong('kernel', kernel, 1),
    checkAlong('stride', stride, 1),
    checkAlong('padding', padding, 0),
    checkAlong('dilation', dilation, 1),
    ceilMode,
  );
  return { ...window, rank: 1 };
}

export interface PoolWindowOptions {
  /** Rows and columns of a window. */
  readonly kernel: Pair;
  /** From one window to the next. Default: the kernel, so that windows do not overlap. */
  readonly stride?: Pair;
  /** What does not count, on both sides of each dimension; at most half of the kernel. Default 0. */
  readonly padding?: Pair;
  /** Whether a last window that begins inside of image and padding may end outside. Default false. */
  readonly ceilMode?: boolean;
}

/** The window of pooling. */
export function checkPoolWindow(
  kernel: Pair,
  stride: Pair,
  padding: Pair,
  dilation: Pair,
  ceilMode: boolean,
): Window {
  const kernels = checkPair('kernel', kernel, 1);
  const strides = checkPair('stride', stride, 1);
  const before = checkPair('padding', padding, 0);
  if (2 * before[0] > kernels[0] || 2 * before[1] > kernels[1]) {
    throw new RangeError(`padding must be at most half of the kernel ${show(kernel)}, got ${show(padding)}`);
  }
  checkBoolean('ceilMode', ceilMode);
  const dilations = checkPair('dilation', dilation, 1);
  return { rank: 2, kernel: kernels, stride: strides, dilation: dilations, before, after: before, ceilMode };
}

/** Outputs along one dimension, as PyTorch counts them. */
function outputsOf(window: Window, d: 0 | 1, size: number): number {
  const { rank, kernel, stride, dilation, before, after, ceilMode } = window;
  const room = size + before[d] + after[d] - dilation[d] * (kernel[d] - 1) - 1;
  if (room < 0) {
    const padded = size + before[d] + after[d];
    const dimension = rank === 1 ? 'length' : d === 0 ? 'height' : 'width';
    throw new RangeError(
      `x must have a ${dimension}, with its padding, of at least ${padded - room}, that of a window; ` +
        `got ${padded}`,
    );
  }
  if (!ceilMode) return Math.floor(room / stride[d]) + 1;
  const outputs = Math.ceil(room / stride[d]) + 1;
  // A window that begins behind the image would see nothing.
  return (outputs - 1) * stride[d] >= size + before[d] ? outputs - 1 : outputs;
}

/** The windows over an image. */
export function placeWindow(window: Window, height: number, width: number): WindowSizes {
  if (height * width > MAX_INT32) {
    throw new RangeError(`x must have images of at most ${MAX_INT32} pixels, got ${height} x ${width}`);
  }
  const { kernel, stride, dilation, before } = window;
  const [outHeight, outWidth] = [outputsOf(window, 0, height), outputsOf(window, 1, width)];
  if (Math.max(outHeight, outWidth) > MAX_INT32)
    throw new RangeError('padding must leave fewer than 2^31 outputs');
  return [height, width, outHeight, outWidth, ...kernel, ...stride, ...dilation, ...before];
}

/**
 * The windows of a transposed convolution: those of the convolution whose way back it is, from its results, images of this
 * size, to what they are made of, which is the result here.
 * @param more so many rows and columns more at the end, which as many as the stride would bring a further window.
 */
export function placeTransposed(window: Window, more: Pair, height: number, width: number): WindowSizes {
  const { kernel, stride, dilation, before } = window;
  const added = checkPair('outputPadding', more, 0);
  const [outHeight, outWidth] = [height, width].map((size, d) => {
    if (added[d] >= Math.max(stride[d], dilation[d])) {
      throw new RangeError(`outputPadding must be less than the stride or the dilation, got ${show(more)}`);
    }
    return (size - 1) * stride[d] - 2 * before[d] + dilation[d] * (kernel[d] - 1) + added[d] + 1;
  });
  if (Math.min(outHeight, outWidth) < 1)
    throw new RangeError(`padding must leave an output, got ${show(before)}`);
  if (outHeight * outWidth > MAX_INT32)
    throw new RangeError(`x must give images of at most ${MAX_INT32} pixels, got ${outHeight} x ${outWidth}`);
  return [outHeight, outWidth, height, width, ...kernel, ...stride, ...dilation, ...before];
}

/**
 * What a row of outputs of a convolution reaches over may be copied: it must not be far more than there is. As
 * native/matrix/window-arguments.h has it.
 */
export function checkReach(
  sizes: WindowSizes,
  batch: number,
  groups: number,
  channels: number,
  outChannels: number,
): void {
  const [height, width, outHeight, outWidth, kernelHeight, kernelWidth, strideHeight, strideWidth] = sizes;
  const [dilationHeight, dilationWidth] = sizes.slice(8);
  const down = (kernelHeight - 1) * dilationHeight + strideHeight + 2;
  const across = Math.max((outWidth - 1) * strideWidth, width) + (kernelWidth - 1) * dilationWidth + 2;
  const reach = down * across * groups * Math.max(channels, outChannels);
  const elements = batch * groups * (height * width * channels + outHeight * outWidth * outChannels);
  const most = 2 ** 24 + 16 * elements;
  if (reach > most) {
    throw new RangeError(
      `stride, padding and dilation must leave a row of outputs within ${most} numbers, got ${reach}`,
    );
  }
}
