import { checkDType, zeros } from '../../core/dtypes.js';
import { checkOptions } from '../../core/options.js';
import { type Shape, sizeOf } from '../../core/shapes.js';
import { checkAtLeast, checkBoolean } from '../../core/validate.js';
import { type Tensor, tensor, tensorOf, variableOf } from '../engine/tensor.js';
import { rmsNorm } from '../functions/normalization.js';
import {
  checkLastDimensions,
  checkNormalizedShape,
  LAYER_NORM_OPTIONS,
  type LayerNormOptions,
} from './layer-norm.js';
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
    checkOptions('RMSNorm', options, LAYER_NORM_OPTIONS);
    const { eps = 1e-5, elementwiseAffine = true, dtype = 'float32' } = options;
    checkAtLeast('eps', eps, 0);
    checkBoolean('elementwiseAffine', elementwiseAffine);
    checkDType('dtype', dtype);
    this.eps = eps;
    const ones = zeros(dtype, sizeOf(this.normalizedShape)).fill(1);
    this.weight = tensor(ones, this.normalizedShape, { requiresGrad: elementwiseAffine });
  }

  override forward(x: Tensor): Tensor {
    const variable = variableOf('x', x);
    const weight = variableOf('weight', this.weight);
    checkLastDimensions(variable, weight);
    return tensorOf(rmsNorm(variable, weight, this.eps));
  }
}
