import { alignedZeros } from '../../backend/memory.js';
import { checkDType, type DType } from '../../core/dtypes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { readShape, type Shape, sizeOf } from '../../core/shapes.js';
import { checkAtLeast, checkBoolean } from '../../core/validate.js';
import { tensor } from '../engine/make-leaf.js';
import type { Tensor } from '../engine/tensor.js';
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

const OPTIONS: OptionNames<LayerNormOptions> = { eps: true, elementwiseAffine: true, dtype: true };

/** What the options of a layer come to: `eps`, and how to make its weight (of ones) and its bias (of zeros). */
export function readNormOptions(owner: string, options: LayerNormOptions) {
  checkOptions(owner, options, OPTIONS);
  const { eps = 1e-5, elementwiseAffine = true, dtype = 'float32' } = options;
  checkAtLeast('eps', eps, 0);
  checkBoolean('elementwiseAffine', elementwiseAffine);
  checkDType('dtype', dtype);
  const filled = (shape: Shape, value: 0 | 1) =>
    tensor(alignedZeros(dtype, sizeOf(shape)).fill(value), shape, { requiresGrad: elementwiseAffine });
  return { eps, filled };
}

/** The last dimensions of what is normalised; one number is the only one. */
export function checkNormalizedShape(given: number | readonly number[]): Shape {
  const shape = readShape('normalizedShape', typeof given === 'number' ? [given] : given, 1);
  if (shape.length === 0) throw new RangeError('normalizedShape must have at least one dimension, got []');
  return shape;
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
    this.normalizedShape = checkNormalizedShape(normalizedShape);
    const { eps, filled } = readNormOptions('LayerNorm', options);
    this.eps = eps;
    this.weight = filled(this.normalizedShape, 1);
    this.bias = filled(this.normalizedShape, 0);
  }

  override forward(x: Tensor): Tensor {
    return layerNorm(x, this.weight, this.bias, this.eps);
  }
}
