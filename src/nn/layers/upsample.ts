import type { Tensor } from '../engine/tensor.js';
import {
  type InterpolateOptions,
  type Interpolation,
  readInterpolation,
  resized,
} from '../functions/interpolate.js';
import { Module } from './module.js';

export interface UpsampleOptions extends InterpolateOptions {}

/** Images [batch, height, width, channels], or sequences, with other lengths: see the function `interpolate`. */
export class Upsample extends Module {
  readonly interpolation: Interpolation;

  constructor(options: UpsampleOptions) {
    super();
    this.interpolation = readInterpolation('Upsample', options);
  }

  override forward(x: Tensor): Tensor {
    return resized(x, this.interpolation);
  }
}
