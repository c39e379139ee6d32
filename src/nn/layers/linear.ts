import type { UnaryName } from '../../backend/contract/kernels.js';
import { checkDType, type DType, zeros } from '../../core/dtypes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkBoolean, checkInteger } from '../../core/validate.js';
import { defaultGenerator, type Generator } from '../engine/generator.js';
import { type Tensor, tensor } from '../engine/tensor.js';
import { linear } from '../functions/products.js';
import { kaimingUniform, uniform } from '../init.js';
import { Affine } from './affine.js';

export interface LinearOptions {
  /** Whether the layer adds a bias. Default true. */
  readonly bias?: boolean;
  /** Default float32. */
  readonly dtype?: DType;
  /** Where the initial numbers come from. Default: the generator that `manualSeed()` restarts. */
  readonly generator?: Generator;
}

const OPTIONS: OptionNames<LinearOptions> = { bias: true, dtype: true, generator: true };

/**
 * y = x weight^T + bias, from [..., inFeatures] to [..., outFeatures].
 *
 * `weight` is [outFeatures, inFeatures]. Weight and bias start uniform in +-1 / sqrt(inFeatures), as PyTorch's do.
 */
export class Linear extends Affine {
  readonly weight: Tensor;
  readonly bias: Tensor | null;

  constructor(inFeatures: number, outFeatures: number, options: LinearOptions = {}) {
    super();
    checkInteger('inFeatures', inFeatures, 1);
    checkInteger('outFeatures', outFeatures, 1);
    checkOptions('Linear', options, OPTIONS);
    const { bias = true, dtype = 'float32', generator = defaultGenerator() } = options;
    checkBoolean('bias', bias);
    checkDType('dtype', dtype);
    this.weight = tensor(zeros(dtype, outFeatures * inFeatures), [outFeatures, inFeatures], {
      requiresGrad: true,
    });
    // The slope sqrt(5) makes the bound 1 / sqrt(inFeatures).
    kaimingUniform(this.weight, { generator, a: Math.sqrt(5) });
    this.bias = bias ? tensor(zeros(dtype, outFeatures), [outFeatures], { requiresGrad: true }) : null;
    const bound = 1 / Math.sqrt(inFeatures);
    if (this.bias !== null) uniform(this.bias, -bound, bound, { generator });
  }

  override apply(x: Tensor, activation: UnaryName | null): Tensor {
    return linear(x, this.weight, this.bias, activation);
  }
}
