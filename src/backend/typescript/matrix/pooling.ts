import type { FloatArray } from '../../../core/types.js';
import { Window } from './window.js';

// Pooling, channel by channel. Mirror: native/matrix/pooling.h, with which the maxima agree exactly, and the means to
// as many units in the last place of the largest element as a window has taps.

/**
 * y = the largest pixel of each window, positions = its row times `width` plus its column, the first one's where there are
 * several; NaN counts as the largest. -Infinity and -1 where no pixel is inside. x [batch, height, width, channels],
 * y and positions [batch, outHeight, outWidth, channels].
 */
export function maxPool2dForward(
  height: number,
  width: number,
  outHeight: number,
  outWidth: number,
  kernelHeight: number,
  kernelWidth: number,
  strideHeight: number,
  strideWidth: number,
  dilationHeight: number,
  dilationWidth: number,
  padTop: number,
  padLeft: number,
  batch: number,
  channels: number,
  x: FloatArray,
  positions: Int32Array,
  y: FloatArray,
): void {
  // biome-ignore format: the order of the arguments
  const window = new Window(
    height, width, outHeight, outWidth, kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight,
    dilationWidth, padTop, padLeft,
  );
  for (let output = 0; output < batch * outHeight * outWidth; output++) {
    const image = window.place(output);
    const to = output * channels;
    y.fill(Number.NEGATIVE_INFINITY, to, to + channels);
    positions.fill(-1, to, to + channels);
    window.forTaps((_, pixel) => {
      const from = (image + pixel) * channels;
      for (let c = 0; c < channels; c++) {
        const value = x[from + c];
        const best = y[to + c];
        const isBetter = value > best || (Number.isNaN(value) && !Number.isNaN(best));
        if (!isBetter && positions[to + c] >= 0) continue;
        y[to + c] = value;
        positions[to + c] = pixel;
      }
    });
  }
}

/** The gradient of {@link maxPool2dForward} by x; added to dx where `accumulate` is 1. */
export function maxPool2dBackward(
  height: number,
  width: number,
  outHeight: number,
  outWidth: number,
  kernelHeight: number,
  kernelWidth: number,
  strideHeight: number,
  strideWidth: number,
  dilationHeight: number,
  dilationWidth: number,
  padTop: number,
  padLeft: number,
  batch: number,
  channels: number,
  accumulate: number,
  positions: Int32Array,
  dy: FloatArray,
  dx: FloatArray,
): void {
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
}

/** What the sum over the window of an output that has been placed is divided by. */
function sizeOf(window: Window, output: number, countIncludePad: number): number {
  return Math.max(1, countIncludePad ? window.countWithPad(output) : window.countInside());
}

/**
 * y = the sum of each window's pixels / how many there are: those inside, or where `countIncludePad` is 1 those on the
 * padding too, which is as wide on the right and below as on the left and above.
 */
export function avgPool2dForward(
  height: number,
  width: number,
  outHeight: number,
  outWidth: number,
  kernelHeight: number,
  kernelWidth: number,
  strideHeight: number,
  strideWidth: number,
  dilationHeight: number,
  dilationWidth: number,
  padTop: number,
  padLeft: number,
  batch: number,
  channels: number,
  countIncludePad: number,
  x: FloatArray,
  y: FloatArray,
): void {
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
}

/** The gradient of {@link avgPool2dForward} by x; added to dx where `accumulate` is 1. */
export function avgPool2dBackward(
  height: number,
  width: number,
  outHeight: number,
  outWidth: number,
  kernelHeight: number,
  kernelWidth: number,
  strideHeight: number,
  strideWidth: number,
  dilationHeight: number,
  dilationWidth: number,
  padTop: number,
  padLeft: number,
  batch: number,
  channels: number,
  countIncludePad: number,
  accumulate: number,
  dy: FloatArray,
  dx: FloatArray,
): void {
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
}
