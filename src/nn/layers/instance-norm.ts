import { alignedZeros } from '../../backend/memory.js';
import { checkDType, type DType } from '../../core/dtypes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { showShape } from '../../core/shapes.js';
import { checkAtLeast, checkBoolean, checkInteger } from '../../core/validate.js';
import { isRecomputing } from '../engine/checkpoint.js';
import { tensor } from '../engine/make-leaf.js';
import { noGrad } from '../engine/no-grad.js';
import { arrayOf, type Tensor } from '../engine/tensor.js';
import { checkSameType } from '../functions/check.js';
import { batchNorm, groupNorm } from '../functions/normalization.js';
import { mean } from '../functions/reductions.js';
import { reshape } from '../functions/shaping.js';
import { variance } from '../functions/statistics.js';
import { Module } from './module.js';
import { checkMomentum, learntStatistics, moveTowards } from './running-statistics.js';

export interface InstanceNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** Whether weight and bias are trained. Default false. */
  readonly affine?: boolean;
  /** Whether evaluation takes running statistics, which training moves, in the place of each sample's own. Default false. */
  readonly trackRunningStats?: boolean;
  /** How far the running statistics move towards the means of each batch, in [0, 1]. Default 0.1. */
  readonly momentum?: number;
  /** Default float32. */
  readonly dtype?: DType;
}

const OPTIONS: OptionNames<InstanceNormOptions> = {
  eps: true,
  affine: true,
  trackRunningStats: true,
  momentum: true,
  dtype: true,
};

/** Group normalisation in groups of one channel. */
abstract class InstanceNorm extends Module {
  readonly eps: number;
  readonly weight: Tensor;
  readonly bias: Tensor;
  readonly momentum: number;
  /** Null unless they are tracked. */
  readonly runningMean: Tensor | null;
  readonly runningVar: Tensor | null;

  constructor(numFeatures: number, options: InstanceNormOptions = {}) {
    super();
    checkInteger('numFeatures', numFeatures, 1);
    checkOptions(new.target.name, options, OPTIONS);
    const {
      eps = 1e-5,
      affine = false,
      trackRunningStats = false,
      momentum = 0.1,
      dtype = 'float32',
    } = options;
    checkAtLeast('eps', eps, 0);
    checkBoolean('affine', affine);
    checkBoolean('trackRunningStats', trackRunningStats);
    checkMomentum(momentum);
    checkDType('dtype', dtype);
    const filled = (value: number) => alignedZeros(dtype, numFeatures).fill(value);
    this.eps = eps;
    this.weight = tensor(filled(1), [numFeatures], { requiresGrad: affine });
    this.bias = tensor(filled(0), [numFeatures], { requiresGrad: affine });
    this.momentum = momentum;
    this.runningMean = trackRunningStats ? tensor(filled(0), [numFeatures]) : null;
    this.runningVar = trackRunningStats ? tensor(filled(1), [numFeatures]) : null;
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
    const { runningMean, runningVar } = this;
    if (runningMean === null || runningVar === null) return groupNorm(x, weight.size, weight, bias, this.eps);
    if (!training) {
      return batchNorm(x, weight, bias, learntStatistics(runningMean, runningVar), false, this.eps);
    }
    if (!isRecomputing()) this.#observe(x, runningMean, runningVar);
    return groupNorm(x, weight.size, weight, bias, this.eps);
  }

  /** The running statistics move towards the means, over the batch, of each sample's mean and unbiased variance. */
  #observe(x: Tensor, runningMean: Tensor, runningVar: Tensor): void {
    noGrad(() => {
      const [batch] = x.shape;
      const samples = reshape(x, [batch, -1, runningMean.size]);
      moveTowards(runningMean, arrayOf(mean(samples, { axes: [0, 1] })), this.momentum);
      const spread = mean(variance(samples, { axes: [1] }), { axes: [0] });
      moveTowards(runningVar, arrayOf(spread), this.momentum);
    });
  }
}

/**
 * y = (x - mean) / sqrt(variance + eps) weight + bias, for images [batch, height, width, channels]: the mean and the biased
 * variance are those of one channel of one image, in evaluation as in training, unless running ones are tracked. Ulyanov, Vedaldi & Lempitsky 2016,
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
