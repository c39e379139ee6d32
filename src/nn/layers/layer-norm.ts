import { checkDType, type DType, zeros } from '../../core/dtypes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { readShape, type Shape, sameShape, showShape, sizeOf } from '../../core/shapes.js';
import { checkAtLeast, checkBoolean } from '../../core/validate.js';
import type { Variable } from '../engine/autograd.js';
import { type Tensor, tensor, tensorOf, variableOf } from '../engine/tensor.js';
import { checkSameType } from '../functions/check.js';
import { layerNorm } from '../functions/normalization.js';
import { Module } from './module.js';

export interface LayerNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** Whether weight and bias are trained. Default true. */
  readonly elementwiseAffine?: boolean;
  /** Default float32. */
  readonly dtype?: DType;
}

export const LAYER_NORM_OPTIONS: OptionNames<LayerNormOptions> = {
  eps: true,
  elementwiseAffine: true,
  dtype: true,
};

/** The last dimensions of what is normalised; one number is the only one. */
export function checkNormalizedShape(given: number | readonly number[]): Shape {
  const shape = readShape('normalizedShape', typeof given === 'number' ? [given] : given, 1);
  if (shape.length === 0) throw new RangeError('normalizedShape must have at least one dimension, got []');
  return shape;
}

/** The last dimensions of x must be those of the weight. */
export function checkLastDimensions(x: Variable, weight: Variable): void {
  checkSameType('x', x, weight);
  if (!sameShape(x.shape.slice(-weight.shape.length), weight.shape)) {
    const expected = ['...', ...weight.shape].join(', ');
    throw new RangeError(`x must have shape [${expected}], got ${showShape(x.shape)}`);
  }
}

/**
 * y = (x - mean) / sqrt(variance + eps) weight + bias, with the mean and the biased variance over the last dimensions
 * of each sample: Ba, Kiros & Hinton 2016, https://arxiv.org/abs/1607.06450.
 *
 * @param normalizedShape the last dimensions of the input, or the only one.
 */
export class LayerNorm extends Module {
  readonly normalizedShape: Shape;
  readonly eps: number;
  readonly weight: Tensor;
  readonly bias: Tensor;

  constructor(normalizedShape: number | readonly number[], options: LayerNormOptions = {}) {
    super();
    const shape = checkNormalizedShape(normalizedShape);
    checkOptions('LayerNorm', options, LAYER_NORM_OPTIONS);
    const { eps = 1e-5, elementwiseAffine = true, dtype = 'float32' } = options;
    checkAtLeast('eps', eps, 0);
    checkBoolean('elementwiseAffine', elementwiseAffine);
    checkDType('dtype', dtype);
    this.normalizedShape = shape;
    this.eps = eps;
    const size = sizeOf(shape);
    this.weight = tensor(zeros(dtype, size).fill(1), shape, { requiresGrad: elementwiseAffine });
    this.bias = tensor(zeros(dtype, size), shape, { requiresGrad: elementwiseAffine });
  }

  override forward(x: Tensor): Tensor {
    const variable = variableOf('x', x);
    const weight = variableOf('weight', this.weight);
    checkLastDimensions(variable, weight);
    return tensorOf(layerNorm(variable, weight, variableOf('bias', this.bias), this.eps));
  }
}
