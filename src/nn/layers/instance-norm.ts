import { alignedZeros } from '../../backend/memory.js';
import { checkDType, type DType } from '../../core/dtypes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { showShape } from '../../core/shapes.js';
import { checkAtLeast, checkBoolean, checkInteger } from '../../core/validate.js';
import { tensor } from '../engine/make-leaf.js';
import type { Tensor } from '../engine/tensor.js';
import { checkSameType } from '../functions/check.js';
import { groupNorm } from '../functions/normalization.js';
import { Module } from './module.js';

export interface InstanceNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** Whether weight and bias are trained. Default false. */
  readonly affine?: boolean;
  /** Default float32. */
  readonly dtype?: DType;
}

const OPTIONS: OptionNames<InstanceNormOptions> = { eps: true, affine: true, dtype: true };

/** Group normalisation in groups of one channel. */
abstract class InstanceNorm extends Module {
  readonly eps: number;
  readonly weight: Tensor;
  readonly bias: Tensor;

  constructor(numFeatures: number, options: InstanceNormOptions = {}) {
    super();
    checkInteger('numFeatures', numFeatures, 1);
    checkOptions(new.target.name, options, OPTIONS);
    const { eps = 1e-5, affine = false, dtype = 'float32' } = options;
    checkAtLeast('eps', eps, 0);
    checkBoolean('affine', affine);
    checkDType('dtype', dtype);
    const filled = (value: number) => alignedZeros(dtype, numFeatures).fill(value);
    this.eps = eps;
    this.weight = tensor(filled(1), [numFeatures], { requiresGrad: affine });
    this.bias = tensor(filled(0), [numFeatures], { requiresGrad: affine });
  }

  /** What the dimensions between batch and channels are called. */
  protected abstract dimensions(): readonly string[];

  override forward(x: Tensor): Tensor {
    const { weight, bias, training } = this;
    checkSameType('x', x, weight);
    const { shape } = x;
    const places = this.dimensions();
    if (shape.length !== places.length + 2 || shape.at(-1) !== weight.size) {
      const expected = ['batch', ...places, weight.size].join(', ');
      throw new RangeError(`x must have shape [${expected}], got ${showShape(shape)}`);
    }
    if (training && x.size === shape[0] * weight.size) {
      throw new RangeError(
        `x must have more than one ${places.join(' or ')} in training, got shape ${showShape(shape)}`,
      );
    }
    return groupNorm(x, weight.size, weight, bias, this.eps);
  }
}

/**
 * y = (x - mean) / sqrt(variance + eps) weight + bias, for images [batch, height, width, channels]: the mean and the biased
 * variance are those of one channel of one image, in evaluation as in training. Ulyanov, Vedaldi & Lempitsky 2016,
 * https://arxiv.org/abs/1607.08022. Needs more than one pixel in training.
 */
export class InstanceNorm2d extends InstanceNorm {
  protected override dimensions(): readonly string[] {
    return ['height', 'width'];
  }
}

/** The same for sequences [batch, length, channels], which need more than one element in training. */
export class InstanceNorm1d extends InstanceNorm {
  protected override dimensions(): readonly string[] {
    return ['length'];
  }
}
