import type { Shape } from '../../core/shapes.js';
import type { Tensor } from '../engine/tensor.js';
import { rmsNorm } from '../functions/normalization.js';
import { checkNormalizedShape, type LayerNormOptions, readNormOptions } from './layer-norm.js';
import { Module } from './module.js';

export type RMSNormOptions = LayerNormOptions;

/**
 * y = x / sqrt(mean(x^2) + eps) weight, with the mean over the last dimensions of each sample: Zhang & Sennrich 2019,
 * https://arxiv.org/abs/1910.07467.
 *
 * @param normalizedShape the last dimensions of the input, or the only one.
 */
export class RMSNorm extends Module {
  readonly normalizedShape: Shape;
  readonly eps: number;
  readonly weight: Tensor;

  constructor(normalizedShape: number | readonly number[], options: RMSNormOptions = {}) {
    super();
    this.normalizedShape = checkNormalizedShape(normalizedShape);
    const { eps, filled } = readNormOptions('RMSNorm', options);
    this.eps = eps;
    this.weight = filled(this.normalizedShape, 1);
  }

  override forward(x: Tensor): Tensor {
    return rmsNorm(x, this.weight, this.eps);
  }
}
