import type { FloatArray } from '../../../core/types.js';
import type { ResizeBackward, ResizeForward } from '../../contract/arguments.js';
import { rounding } from '../rules/rule.js';
import { ResizeAxis } from './resize-axis.js';

// Images made larger or smaller, with the pixels that TensorFlow takes for each output. First what lies above each other becomes
// one row of pixels, then what lies side by side; every operation is rounded to the element type. The two agree exactly.
// Mirror: native/matrix/resize.h.

/**
 * y = what x has in the place of each output, linear between the four pixels around it. x [batch, inHeight, inWidth, channels],
 * y [batch, outHeight, outWidth, channels].
 *
 * Outputs are inHeight / outHeight pixels apart, the first one on pixel 0. Where `alignCorners` is 1 the last one is on the last
 * pixel; where `halfPixelCenters` is 1 pixels and outputs are cells, and their middles count.
 */
export const resizeBilinearForward: ResizeForward = (
  batch,
  inHeight,
  inWidth,
  outHeight,
  outWidth,
  channels,
  alignCorners,
  halfPixelCenters,
  x,
  y,
) => {
  const round = rounding(y);
  const mix = (a: number, b: number, share: number) => round(a + round(round(b - a) * share));
  const down = new ResizeAxis(false, inHeight, outHeight, alignCorners, halfPixelCenters);
  const across = new ResizeAxis(false, inWidth, outWidth, alignCorners, halfPixelCenters);
  let i = 0;
  for (let row = 0; row < batch * outHeight; row++) {
    down.place(row % outHeight);
    const image = Math.floor(row / outHeight) * inHeight;
    const top = (image + down.lower) * inWidth;
    const bottom = (image + down.upper) * inWidth;
    const share = round(down.fraction);
    for (let column = 0; column < outWidth; column++) {
      across.place(column);
      const aside = round(across.fraction);
      for (let k = 0; k < channels; k++, i++) {
        const at = (line: number, pixel: number) => x[(line + pixel) * channels + k];
        const left = mix(at(top, across.lower), at(bottom, across.lower), share);
        y[i] = mix(left, mix(at(top, across.upper), at(bottom, across.upper), share), aside);
      }
    }
  }
};

/**
 * y = the pixel of x at the place of each output, as in {@link resizeBilinearForward}: the one before it, or where `alignCorners`
 * is 1 the nearest.
 */
export const resizeNearestForward: ResizeForward = (
  batch,
  inHeight,
  inWidth,
  outHeight,
  outWidth,
  channels,
  alignCorners,
  halfPixelCenters,
  x,
  y,
) => {
  const down = new ResizeAxis(true, inHeight, outHeight, alignCorners, halfPixelCenters);
  const across = new ResizeAxis(true, inWidth, outWidth, alignCorners, halfPixelCenters);
  let i = 0;
  for (let row = 0; row < batch * outHeight; row++) {
    down.place(row % outHeight);
    const line = (Math.floor(row / outHeight) * inHeight + down.lower) * inWidth;
    for (let column = 0; column < outWidth; column++) {
      across.place(column);
      for (let k = 0; k < channels; k++, i++) y[i] = x[(line + across.lower) * channels + k];
    }
  }
};

/** The sum of all rows [begin, end) of dy, each with its share in row `line` of the pixels, at element i of a row. */
function sumRows(
  down: ResizeAxis,
  line: number,
  begin: number,
  end: number,
  dy: FloatArray,
  outRow: number,
  i: number,
  round: (x: number) => number,
): number {
  let sum = 0;
  for (let row = begin; row < end; row++) {
    down.place(row);
    sum = round(sum + round(round(down.weightOf(line)) * dy[row * outRow + i]));
  }
  return sum;
}

function backward(isNearest: boolean): ResizeBackward {
  return (
    batch,
    inHeight,
    inWidth,
    outHeight,
    outWidth,
    channels,
    alignCorners,
    halfPixelCenters,
    accumulate,
    dy,
    dx,
  ) => {
    const round = rounding(dx);
    const down = new ResizeAxis(isNearest, inHeight, outHeight, alignCorners, halfPixelCenters);
    const across = new ResizeAxis(isNearest, inWidth, outWidth, alignCorners, halfPixelCenters);
    if (!accumulate) dx.fill(0, 0, batch * inHeight * inWidth * channels);
    for (let row = 0; row < batch * inHeight; row++) {
      const line = row % inHeight;
      const begin = down.firstAt('upper', line);
      const end = down.firstAt('lower', line + 1);
      if (begin === end) continue;
      const image = Math.floor(row / inHeight) * outHeight * outWidth * channels;
      for (let column = 0; column < outWidth; column++) {
        across.place(column);
        const { lower, upper, fraction } = across;
        for (let k = 0; k < channels; k++) {
          const i = image + column * channels + k;
          const sum = sumRows(down, line, begin, end, dy, outWidth * channels, i, round);
          const add = (pixel: number, share: number) => {
            dx[(row * inWidth + pixel) * channels + k] += round(round(share) * sum);
          };
          add(lower, 1 - fraction);
          if (upper !== lower) add(upper, fraction);
        }
      }
    }
  };
}

/** The gradient of {@link resizeBilinearForward} by x; added to dx where `accumulate` is 1. */
export const resizeBilinearBackward: ResizeBackward = backward(false);

/** The gradient of {@link resizeNearestForward} by x; added to dx where `accumulate` is 1. */
export const resizeNearestBackward: ResizeBackward = backward(true);
