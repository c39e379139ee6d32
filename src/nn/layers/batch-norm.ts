import { alignedZeros } from '../../backend/memory.js';
import { checkDType, type DType } from '../../core/dtypes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { showShape } from '../../core/shapes.js';
import { checkAtLeast, checkBoolean, checkInteger } from '../../core/validate.js';
import { isRecomputing } from '../engine/checkpoint.js';
import { tensor } from '../engine/make-leaf.js';
import type { Tensor } from '../engine/tensor.js';
import { checkSameType } from '../functions/check.js';
import { batchNorm, type ColumnStatistics, columnStatistics } from '../functions/normalization.js';
import { Module } from './module.js';
import { checkMomentum, learntStatistics, moveTowards } from './running-statistics.js';

export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** How far the running statistics move towards those of each batch, in [0, 1]. Default 0.1. */
  readonly momentum?: number;
  /** Whether weight and bias are trained. Default true. */
  readonly affine?: boolean;
  /** Default float32. */
  readonly dtype?: DType;
}

const OPTIONS: OptionNames<BatchNormOptions> = { eps: true, momentum: true, affine: true, dtype: true };

/** Normalisation by the statistics of each feature, the last dimension of x, over all others. */
abstract class BatchNorm extends Module {
  readonly eps: number;
  /** See {@link BatchNormOptions}. May be changed. */
  momentum: number;
  readonly weight: Tensor;
  readonly bias: Tensor;
  readonly runningMean: Tensor;
  readonly runningVar: Tensor;

  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super();
    checkInteger('numFeatures', numFeatures, 1);
    checkOptions(new.target.name, options, OPTIONS);
    const { eps = 1e-5, momentum = 0.1, affine = true, dtype = 'float32' } = options;
    checkAtLeast('eps', eps, 0);
    checkMomentum(momentum);
    checkBoolean('affine', affine);
    checkDType('dtype', dtype);
    this.eps = eps;
    this.momentum = momentum;
    const filled = (value: number) => alignedZeros(dtype, numFeatures).fill(value);
    this.weight = tensor(filled(1), [numFeatures], { requiresGrad: affine });
    this.bias = tensor(filled(0), [numFeatures], { requiresGrad: affine });
    this.runningMean = tensor(filled(0), [numFeatures]);
    this.runningVar = tensor(filled(1), [numFeatures]);
  }

  /** What the dimensions before the last one are called, for an x of this rank. */
  protected abstract dimensions(rank: number): readonly string[];

  override forward(x: Tensor): Tensor {
    const { weight, bias, training } = this;
    checkSameType('x', x, weight);
    const { shape, size } = x;
    const others = this.dimensions(shape.length);
    if (shape.length !== others.length + 1 || shape.at(-1) !== weight.size) {
      const expected = [...others, weight.size].join(', ');
      throw new RangeError(`x must have shape [${expected}], got ${showShape(shape)}`);
    }
    const rows = size / weight.size;
    if (training && rows < 2) {
      const counted = ['rows', 'elements to a channel', 'pixels to a channel'][others.length - 1];
      throw new RangeError(`x must have at least 2 ${counted} in training, got shape ${showShape(shape)}`);
    }
    const statistics = training
      ? this.#observe(x, rows)
      : learntStatistics(this.runningMean, this.runningVar);
    return batchNorm(x, weight, bias, statistics, training, this.eps);
  }

  /** The statistics of a batch, towards which the running ones move. */
  #observe(x: Tensor, rows: number): ColumnStatistics {
    const statistics = columnStatistics(x, x.size / rows);
    if (isRecomputing()) return statistics;
    moveTowards(this.runningMean, statistics.mean, this.momentum);
    moveTowards(this.runningVar, statistics.variance, this.momentum, rows / (rows - 1));
    return statistics;
  }
}

/**
 * y = (x - mean) / sqrt(variance + eps) weight + bias, feature by feature, for x [rows, features]:
 * Ioffe & Szegedy 2015, https://arxiv.org/abs/1502.03167.
 *
 * In training, mean and (biased) variance are those of the batch, and the running mean and (unbiased) variance move
 * towards them; in evaluation they are the running ones. Needs at least two rows in training.
 *
 * Of sequences [batch, length, features], every element is a row.
 */
export class BatchNorm1d extends BatchNorm {
  protected override dimensions(rank: number): readonly string[] {
    return rank === 3 ? ['batch', 'length'] : ['rows'];
  }
}

/**
 * The same, channel by channel, for images [batch, height, width, channels]: the statistics are those of all pixels of the
 * batch. Needs at least two in training.
 */
export class BatchNorm2d extends BatchNorm {
  protected override dimensions(): readonly string[] {
    return ['batch', 'height', 'width'];
  }
}
