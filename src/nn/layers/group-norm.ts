import { showShape } from '../../core/shapes.js';
import { checkInteger } from '../../core/validate.js';
import type { Tensor } from '../engine/tensor.js';
import { checkSameType } from '../functions/check.js';
import { groupNorm } from '../functions/normalization.js';
import { checkGroups } from '../functions/windows.js';
import { type LayerNormOptions, readNormOptions } from './layer-norm.js';
import { Module } from './module.js';

export type GroupNormOptions = LayerNormOptions;

/**
 * y = (x - mean) / sqrt(variance + eps) weight + bias, for x [batch, ..., channels]: the mean and the biased variance are those
 * of the channels of one group at all places of one sample; weight and bias are the channel's. Wu & He 2018,
 * https://arxiv.org/abs/1803.08494.
 */
export class GroupNorm extends Module {
  readonly groups: number;
  readonly eps: number;
  readonly weight: Tensor;
  readonly bias: Tensor;

  constructor(groups: number, channels: number, options: GroupNormOptions = {}) {
    super();
    checkInteger('channels', channels, 1);
    checkGroups(groups, 'channels', channels);
    const { eps, filled } = readNormOptions('GroupNorm', options);
    this.groups = groups;
    this.eps = eps;
    this.weight = filled([channels], 1);
    this.bias = filled([channels], 0);
  }

  override forward(x: Tensor): Tensor {
    checkSameType('x', x, this.weight);
    const { shape } = x;
    const channels = this.weight.size;
    if (shape.length < 2 || shape.at(-1) !== channels) {
      throw new RangeError(`x must have shape [batch, ..., ${channels}], got ${showShape(shape)}`);
    }
    return groupNorm(x, this.groups, this.weight, this.bias, this.eps);
  }
}
