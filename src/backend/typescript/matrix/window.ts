import type { WindowSizes } from '../../../core/window-geometry.js';

// Which taps of a window meet pixels of the image, and the pixels they meet. Mirror: native/matrix/window.h.

/** Taps [begin, end) of a window along one dimension are inside; the first one meets `pixel`. */
export interface Taps {
  begin: number;
  end: number;
  pixel: number;
}

/** Writes to `taps`, so that nothing is allocated. */
function tapsFrom(taps: Taps, start: number, step: number, kernel: number, size: number): void {
  taps.begin = start < 0 ? Math.min(Math.ceil(-start / step), kernel) : 0;
  taps.end = Math.max(taps.begin, Math.min(Math.ceil((size - start) / step), kernel));
  taps.pixel = start + taps.begin * step;
}

/** The sizes of images and windows, as the kernels get them. */
export class Window {
  readonly height: number;
  readonly width: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly down: Taps = { begin: 0, end: 0, pixel: 0 };
  readonly across: Taps = { begin: 0, end: 0, pixel: 0 };

  constructor(...sizes: WindowSizes) {
    // biome-ignore format: in pairs
    [
      this.height, this.width, this.outHeight, this.outWidth, this.kernelHeight, this.kernelWidth,
      this.strideHeight, this.strideWidth, this.dilationHeight, this.dilationWidth, this.padTop, this.padLeft,
    ] = sizes;
  }

  /** Puts the taps of an output, counted through the batch, into `down` and `across`; returns the first pixel of its image. */
  place(output: number): number {
    const column = output % this.outWidth;
    const above = (output - column) / this.outWidth;
    const row = above % this.outHeight;
    const image = (above - row) / this.outHeight;
    const { strideHeight, strideWidth, dilationHeight, dilationWidth, kernelHeight, kernelWidth } = this;
    tapsFrom(this.down, row * strideHeight - this.padTop, dilationHeight, kernelHeight, this.height);
    tapsFrom(this.across, column * strideWidth - this.padLeft, dilationWidth, kernelWidth, this.width);
    return image * this.height * this.width;
  }

  /** f(tap, pixel) for the taps inside of the output last placed; the pixel is counted through its image. */
  forTaps(f: (tap: number, pixel: number) => void): void {
    const { down, across } = this;
    for (let i = down.begin, row = down.pixel; i < down.end; i++, row += this.dilationHeight) {
      for (let j = across.begin, column = across.pixel; j < across.end; j++, column += this.dilationWidth) {
        f(i * this.kernelWidth + j, row * this.width + column);
      }
    }
  }

  /** How many taps the output's window has, those on the padding included, which is as wide behind as in front. */
  countWithPad(output: number): number {
    const column = output % this.outWidth;
    const row = ((output - column) / this.outWidth) % this.outHeight;
    const below = (this.height + 2 * this.padTop - row * this.strideHeight) / this.dilationHeight;
    const right = (this.width + 2 * this.padLeft - column * this.strideWidth) / this.dilationWidth;
    const rows = Math.min(this.kernelHeight, Math.max(0, Math.ceil(below)));
    return rows * Math.min(this.kernelWidth, Math.max(0, Math.ceil(right)));
  }

  /** How many pixels the output last placed meets. */
  countInside(): number {
    return (this.down.end - this.down.begin) * (this.across.end - this.across.begin);
  }
}
