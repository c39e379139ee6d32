import type { UnaryName } from '../../backend/contract/kernels.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkInteger } from '../../core/validate.js';
import type { Tensor } from '../engine/tensor.js';
import { linear } from '../functions/products.js';
import { Affine, type LinearOptions } from './affine.js';

const OPTIONS: OptionNames<LinearOptions> = { bias: true, dtype: true, generator: true };

/**
 * y = x weight^T + bias, from [..., inFeatures] to [..., outFeatures].
 *
 * `weight` is [outFeatures, inFeatures]. Weight and bias start uniform in +-1 / sqrt(inFeatures), as PyTorch's do.
 */
export class Linear extends Affine {
  constructor(inFeatures: number, outFeatures: number, options: LinearOptions = {}) {
    checkInteger('inFeatures', inFeatures, 1);
    checkInteger('outFeatures', outFeatures, 1);
    checkOptions('Linear', options, OPTIONS);
    super([outFeatures, inFeatures], options);
  }

  override forwardWith(x: Tensor, activation: UnaryName | null): Tensor {
    return linear(x, this.weight, this.bias, activation);
  }
}
