import { alignedZeros } from '../../backend/memory.js';
import { checkDType } from '../../core/dtypes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkBoolean, checkInteger } from '../../core/validate.js';
import { defaultGenerator } from '../engine/default-generator.js';
import { tensor } from '../engine/make-leaf.js';
import type { Tensor } from '../engine/tensor.js';
import { bilinear } from '../functions/bilinear.js';
import { uniform } from '../init.js';
import type { LinearOptions } from './affine.js';
import { Module } from './module.js';

export interface BilinearOptions extends LinearOptions {}

const OPTIONS: OptionNames<BilinearOptions> = { bias: true, dtype: true, generator: true };

/**
 * x1^T weight[o] x2 + bias[o], for x1 [..., in1Features] and x2 [..., in2Features]: see the function `bilinear`.
 *
 * `weight` is [outFeatures, in1Features, in2Features]; weight and bias start uniform in +-1 / sqrt(in1Features), as PyTorch's
 * do.
 */
export class Bilinear extends Module<Tensor, [x1: Tensor, x2: Tensor]> {
  readonly weight: Tensor;
  readonly bias: Tensor | null;

  constructor(in1Features: number, in2Features: number, outFeatures: number, options: BilinearOptions = {}) {
    super();
    checkInteger('in1Features', in1Features, 1);
    checkInteger('in2Features', in2Features, 1);
    checkInteger('outFeatures', outFeatures, 1);
    checkOptions('Bilinear', options, OPTIONS);
    const { bias = true, dtype = 'float32', generator = defaultGenerator() } = options;
    checkBoolean('bias', bias);
    checkDType('dtype', dtype);
    const bound = 1 / Math.sqrt(in1Features);
    const make = (...shape: number[]) => {
      const size = shape.reduce((product, length) => product * length, 1);
      const made = tensor(alignedZeros(dtype, size), shape, { requiresGrad: true });
      uniform(made, -bound, bound, { generator });
      return made;
    };
    this.weight = make(outFeatures, in1Features, in2Features);
    this.bias = bias ? make(outFeatures) : null;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return bilinear(x1, x2, this.weight, { bias: this.bias });
  }
}
