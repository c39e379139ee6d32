import { alignedZeros } from '../../backend/memory.js';
import { showShape } from '../../core/shapes.js';
import { checkInteger } from '../../core/validate.js';
import { floatTypeOf, type Tensor, tensor } from '../engine/tensor.js';
import { add, mul } from '../functions/arithmetic.js';
import { checkSameType } from '../functions/check.js';
import { layerNorm } from '../functions/normalization.js';
import { permute } from '../functions/permute.js';
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
  /** What the rows of a group are multiplied by, and what is added: they have no weights of their own. */
  #ones: Tensor | null = null;
  #zeros: Tensor | null = null;

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
    const { shape, size } = x;
    const channels = this.weight.size;
    if (shape.length < 2 || shape.at(-1) !== channels) {
      throw new RangeError(`x must have shape [batch, ..., ${channels}], got ${showShape(shape)}`);
    }
    const inside = channels / this.groups;
    const places = size / shape[0] / channels;
    const isTogether = this.groups === 1 || places === 1;
    const split = x.reshape([shape[0], places, this.groups, inside]);
    const apart = isTogether ? split : permute(split, { axes: [0, 2, 1, 3] });
    const rows = this.#normalise(apart.reshape([shape[0] * this.groups, places * inside]));
    const normal = rows.reshape(apart.shape);
    const back = isTogether ? normal : permute(normal, { axes: [0, 2, 1, 3] });
    return add(mul(back.reshape(shape), this.weight), this.bias);
  }

  #normalise(rows: Tensor): Tensor {
    const columns = rows.shape[1];
    if (this.#ones?.size !== columns) this.#ones = tensor(alignedZeros(floatTypeOf(rows), columns).fill(1));
    if (this.#zeros?.size !== columns) this.#zeros = tensor(alignedZeros(floatTypeOf(rows), columns));
    return layerNorm(rows, this.#ones, this.#zeros, this.eps);
  }
}
