// Which pixels an output lies between, along one dimension: as TensorFlow has it. Mirror: native/matrix/resize-axis.h.

/**
 * An output is (1 - fraction) of pixel `lower` and `fraction` of `upper`, the next one; or where there is no fraction the same.
 */
export class ResizeAxis {
  readonly size: number;
  readonly outputs: number;
  readonly isNearest: boolean;
  readonly alignCorners: number;
  readonly halfPixelCenters: number;
  readonly ratio: number;
  /** Of the output last placed. */
  lower = 0;
  upper = 0;
  fraction = 0;

  constructor(
    isNearest: boolean,
    size: number,
    outputs: number,
    alignCorners: number,
    halfPixelCenters: number,
  ) {
    this.size = size;
    this.outputs = outputs;
    this.isNearest = isNearest;
    this.alignCorners = alignCorners;
    this.halfPixelCenters = halfPixelCenters;
    this.ratio = alignCorners && outputs > 1 ? (size - 1) / (outputs - 1) : size / outputs;
  }

  /** Writes to the fields, so that nothing is allocated. */
  place(output: number): void {
    if (this.isNearest) {
      const source = this.ratio * (output + (this.halfPixelCenters ? 0.5 : 0));
      const below = Math.floor(source);
      // Half up
      const up = this.alignCorners && source - below >= 0.5 ? 1 : 0;
      this.lower = Math.min(this.size - 1, below + up);
      this.upper = this.lower;
      return;
    }
    const source = this.halfPixelCenters ? this.ratio * (output + 0.5) - 0.5 : this.ratio * output;
    const place = Math.max(0, Math.min(source, this.size - 1));
    this.lower = Math.floor(place);
    this.upper = Math.ceil(place);
    this.fraction = place - this.lower;
  }

  /** The share that a pixel, the lower or the upper one, has in the output last placed. */
  weightOf(pixel: number): number {
    return pixel === this.lower ? 1 - this.fraction : this.fraction;
  }

  /** The first output whose lower, or upper, pixel is not before this one: they only ever grow. */
  firstAt(side: 'lower' | 'upper', pixel: number): number {
    let begin = 0;
    let end = this.outputs;
    while (begin < end) {
      const middle = Math.floor((begin + end) / 2);
      this.place(middle);
      if (this[side] < pixel) begin = middle + 1;
      else end = middle;
    }
    return begin;
  }
}
