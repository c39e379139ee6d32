import type { FloatArray } from '../../../core/types.js';
import type {
  AvgPool2dBackward,
  AvgPool2dForward,
  MaxPool2d,
  MaxPool2dBackward,
  MaxPool2dForward,
} from '../../contract/arguments.js';
import { Window } from './window.js';

// Pooling, channel by channel. Mirror: native/matrix/pooling.h, with which the maxima agree exactly, and the means to
// as many units in the last place of the largest element as a window has taps.

/** The largest pixel of each window, and its number where `positions` are asked for. */
function poolLargest(
  window: Window,
  outputs: number,
  channels: number,
  x: FloatArray,
  positions: Int32Array | null,
  y: FloatArray,
): void {
  for (let output = 0; output < outputs; output++) {
    const image = window.place(output);
    const to = output * channels;
    y.fill(Number.NEGATIVE_INFINITY, to, to + channels);
    positions?.fill(-1, to, to + channels);
    window.forTaps((_, pixel) => {
      const from = (image + pixel) * channels;
      for (let c = 0; c < channels; c++) {
        const value = x[from + c];
        const best = y[to + c];
        const isBetter = value > best || (Number.isNaN(value) && !Number.isNaN(best));
        if (!isBetter && (positions === null || positions[to + c] >= 0)) continue;
        y[to + c] = value;
        if (positions !== null) positions[to + c] = pixel;
      }
    });
  }
}

/**
 * y = the largest pixel of each window, positions = its row times `width` plus its column, the first one's where there are
 * several; NaN counts as the largest. -Infinity and -1 where no pixel is inside. x [batch, height, width, channels],
 * y and positions [batch, outHeight, outWidth, channels].
 */
export const maxPool2dForward: MaxPool2dForward = (
  height,
  width,
  outHeight,
  outWidth,
  kernelHeight,
  kernelWidth,
  strideHeight,
  strideWidth,
  dilationHeight,
  dilationWidth,
  padTop,
  padLeft,
  batch,
  channels,
  x,
  positions,
  y,
) => {
  // biome-ignore format: the order of the arguments
  const window = new Window(
    height, width, outHeight, outWidth, kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight,
    dilationWidth, padTop, padLeft,
  );
  poolLargest(window, batch * outHeight * outWidth, channels, x, positions, y);
};

/** The same without positions: for what does not go back. */
export const maxPool2d: MaxPool2d = (
  height,
  width,
  outHeight,
  outWidth,
  kernelHeight,
  kernelWidth,
  strideHeight,
  strideWidth,
  dilationHeight,
  dilationWidth,
  padTop,
  padLeft,
  batch,
  channels,
  x,
  y,
) => {
  // biome-ignore format: the order of the arguments
  const window = new Window(
    height, width, outHeight, outWidth, kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight,
    dilationWidth, padTop, padLeft,
  );
  poolLargest(window, batch * outHeight * outWidth, channels, x, null, y);
};

/** The gradient of {@link maxPool2dForward} by x; added to dx where `accumulate` is 1. */
export const maxPool2dBackward: MaxPool2dBackward = (
  height,
  width,
  outHeight,
  outWidth,
  kernelHeight,
  kernelWidth,
  strideHeight,
  strideWidth,
  dilationHeight,
  dilationWidth,
  padTop,
  padLeft,
  batch,
  channels,
  accumulate,
  positions,
  dy,
  dx,
) => {
  // biome-ignore format: the order of the arguments
  const window = new Window(
    height, width, outHeight, outWidth, kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight,
    dilationWidth, padTop, padLeft,
  );
  if (!accumulate) dx.fill(0, 0, batch * height * width * channels);
  for (let output = 0; output < batch * outHeight * outWidth; output++) {
    const image = window.place(output);
    const from = output * channels;
    window.forTaps((_, pixel) => {
      const to = (image + pixel) * channels;
      for (let c = 0; c < channels; c++) dx[to + c] += positions[from + c] === pixel ? dy[from + c] : 0;
    });
  }
};

/** What the sum over the window of an output that has been placed is divided by. */
function sizeOf(window: Window, output: number, countIncludePad: number): number {
  return Math.max(1, countIncludePad ? window.countWithPad(output) : window.countInside());
}

/**
 * y = the sum of each window's pixels / how many there are: those inside, or where `countIncludePad` is 1 those on the
 * padding too, which is as wide on the right and below as on the left and above.
 */
export const avgPool2dForward: AvgPool2dForward = (
  height,
  width,
  outHeight,
  outWidth,
  kernelHeight,
  kernelWidth,
  strideHeight,
  strideWidth,
  dilationHeight,
  dilationWidth,
  padTop,
  padLeft,
  batch,
  channels,
  countIncludePad,
  x,
  y,
) => {
  // biome-ignore format: the order of the arguments
  const window = new Window(
    height, width, outHeight, outWidth, kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight,
    dilationWidth, padTop, padLeft,
  );
  for (let output = 0; output < batch * outHeight * outWidth; output++) {
    const image = window.place(output);
    const to = output * channels;
    y.fill(0, to, to + channels);
    window.forTaps((_, pixel) => {
      const from = (image + pixel) * channels;
      for (let c = 0; c < channels; c++) y[to + c] += x[from + c];
    });
    const size = sizeOf(window, output, countIncludePad);
    for (let c = 0; c < channels; c++) y[to + c] /= size;
  }
};

/** The gradient of {@link avgPool2dForward} by x; added to dx where `accumulate` is 1. */
export const avgPool2dBackward: AvgPool2dBackward = (
  height,
  width,
  outHeight,
  outWidth,
  kernelHeight,
  kernelWidth,
  strideHeight,
  strideWidth,
  dilationHeight,
  dilationWidth,
  padTop,
  padLeft,
  batch,
  channels,
  countIncludePad,
  accumulate,
  dy,
  dx,
) => {
  // biome-ignore format: the order of the arguments
  const window = new Window(
    height, width, outHeight, outWidth, kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight,
    dilationWidth, padTop, padLeft,
  );
  if (!accumulate) dx.fill(0, 0, batch * height * width * channels);
  for (let output = 0; output < batch * outHeight * outWidth; output++) {
    const image = window.place(output);
    const size = sizeOf(window, output, countIncludePad);
    const from = output * channels;
    window.forTaps((_, pixel) => {
      const to = (image + pixel) * channels;
      for (let c = 0; c < channels; c++) dx[to + c] += dy[from + c] / size;
    });
  }
};
