import { alignedZeros } from '../../backend/memory.js';
import { checkDType, type DType } from '../../core/dtypes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkFinite, checkInteger } from '../../core/validate.js';
import { tensor } from '../engine/make-leaf.js';
import { checkTensor, type Tensor } from '../engine/tensor.js';
import {
  alphaOf,
  type EluOptions,
  type GluOptions,
  glu,
  gluAxis,
  type HardtanhOptions,
  hardtanhOptions,
  type LeakyReluOptions,
  leaky,
  prelu,
  relu6,
  type SoftplusOptions,
  scaledElu,
  scaledSoftplus,
  slopeOf,
  softplusOptions,
  tanhshrink,
  within,
} from '../functions/activations.js';
import { Module } from './module.js';

/** The function `leakyRelu`. */
export class LeakyReLU extends Module {
  readonly negativeSlope: number;

  constructor(options: number | LeakyReluOptions = {}) {
    super();
    this.negativeSlope = slopeOf('LeakyReLU', options);
  }

  override forward(x: Tensor): Tensor {
    checkTensor('x', x);
    return leaky(x, this.negativeSlope);
  }
}

/** The function `elu`. */
export class ELU extends Module {
  readonly alpha: number;

  constructor(options: number | EluOptions = {}) {
    super();
    this.alpha = alphaOf('ELU', options);
  }

  override forward(x: Tensor): Tensor {
    return scaledElu(x, this.alpha);
  }
}

/** The function `softplus`. */
export class Softplus extends Module {
  readonly beta: number;
  readonly threshold: number;

  constructor(options: SoftplusOptions = {}) {
    super();
    const { beta, threshold } = softplusOptions('Softplus', options);
    this.beta = beta;
    this.threshold = threshold;
  }

  override forward(x: Tensor): Tensor {
    checkTensor('x', x);
    return scaledSoftplus(x, this);
  }
}

/** The function `hardtanh`. */
export class Hardtanh extends Module {
  readonly minVal: number;
  readonly maxVal: number;

  constructor(options: HardtanhOptions = {}) {
    super();
    const { minVal, maxVal } = hardtanhOptions('Hardtanh', options);
    this.minVal = minVal;
    this.maxVal = maxVal;
  }

  override forward(x: Tensor): Tensor {
    checkTensor('x', x);
    return within('hardtanh', x, this);
  }
}

/** The function `relu6`. */
export class ReLU6 extends Module {
  override forward(x: Tensor): Tensor {
    return relu6(x);
  }
}

/** The function `glu`. */
export class GLU extends Module {
  readonly axis: number;

  /** @param options or the axis alone: `new GLU(1)`. */
  constructor(options: number | GluOptions = {}) {
    super();
    this.axis = gluAxis('GLU', options);
  }

  override forward(x: Tensor): Tensor {
    return glu(x, this.axis);
  }
}

/** The function `tanhshrink`. */
export class Tanhshrink extends Module {
  override forward(x: Tensor): Tensor {
    return tanhshrink(x);
  }
}

export interface PReLUOptions {
  /** 1, or the length of the last dimension of x, where images have their channels. Default 1. */
  readonly numParameters?: number;
  /** What the weight starts as. Default 0.25. */
  readonly init?: number;
  /** Default float32. */
  readonly dtype?: DType;
}

const OPTIONS: OptionNames<PReLUOptions> = { numParameters: true, init: true, dtype: true };

/** The function `prelu` with a weight [numParameters] that is trained. */
export class PReLU extends Module {
  readonly weight: Tensor;

  constructor(options: PReLUOptions = {}) {
    super();
    checkOptions('PReLU', options, OPTIONS);
    const { numParameters = 1, init = 0.25, dtype = 'float32' } = options;
    checkInteger('numParameters', numParameters, 1);
    checkFinite('init', init);
    checkDType('dtype', dtype);
    this.weight = tensor(alignedZeros(dtype, numParameters).fill(init), [numParameters], {
      requiresGrad: true,
    });
  }

  override forward(x: Tensor): Tensor {
    return prelu(x, this.weight);
  }
}
