import { checkGenerator } from '../../array/generator.js';
import { checkDType } from '../../core/dtypes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { showShape } from '../../core/shapes.js';
import { checkBoolean, checkInteger, checkProbability } from '../../core/validate.js';
import type { Tensor } from '../engine/tensor.js';
import { scaledDotProductAttention } from '../functions/attention.js';
import type { AttentionMask } from '../functions/attention-mask.js';
import type { LinearOptions } from './affine.js';
import { Linear } from './linear.js';
import { readMasks } from './masks.js';
import { Module } from './module.js';

export interface MultiHeadAttentionOptions extends LinearOptions {
  /** Whether a position sees only itself and those before it. Default false. */
  readonly causal?: boolean;
  /** How probable it is that a weight of the attention is dropped in training. Default 0. */
  readonly dropout?: number;
}

const OPTIONS: OptionNames<MultiHeadAttentionOptions> = {
  causal: true,
  dropout: true,
  bias: true,
  dtype: true,
  generator: true,
};

/** What a call of attention does not look at. */
export interface AttentionMasks {
  /**
   * [batch, keys]: what is not 0 of a Uint8Array hides a key, as PyTorch's True does; a tensor is added to its scores.
   * Default: none.
   */
  readonly keyPaddingMask?: AttentionMask;
  /** The same for pairs: [queries, keys], [batch, queries, keys] or [batch heads, queries, keys]. Default: none. */
  readonly attnMask?: AttentionMask;
  /** Whether a position sees only itself and those before it, in this call. Default: what the layer was made with. */
  readonly isCausal?: boolean;
}

const MASKS: OptionNames<AttentionMasks> = { keyPaddingMask: true, attnMask: true, isCausal: true };

/**
 * softmax(q k^T / sqrt(d)) v for each head, with q, k and v linear in what is attended from and to, side by side and through
 * one more linear layer: Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, section 3.2.
 *
 * From [batch, positions, dimension] to the same shape. `forward(query, key, value)` attends from one sequence to another
 * [batch, others, dimension]: by default key is query, and value is key.
 */
export class MultiHeadAttention extends Module {
  readonly heads: number;
  readonly causal: boolean;
  readonly dropout: number;
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  readonly #dimension: number;

  /** @throws TypeError or RangeError naming the argument that does not fit. */
  constructor(dimension: number, heads: number, options: MultiHeadAttentionOptions = {}) {
    super();
    checkInteger('dimension', dimension, 1);
    checkInteger('heads', heads, 1);
    if (dimension % heads !== 0) {
      throw new RangeError(`heads must divide the dimension ${dimension}, got ${heads}`);
    }
    checkOptions('MultiHeadAttention', options, OPTIONS);
    const { causal = false, dropout = 0, bias = true, dtype = 'float32', generator } = options;
    checkBoolean('causal', causal);
    checkProbability(dropout, 'dropout');
    checkBoolean('bias', bias);
    checkDType('dtype', dtype);
    if (generator !== undefined) checkGenerator(generator);
    const chosen = generator === undefined ? { bias, dtype } : { bias, dtype, generator };
    this.heads = heads;
    this.causal = causal;
    this.dropout = dropout;
    this.#dimension = dimension;
    this.query = new Linear(dimension, dimension, chosen);
    this.key = new Linear(dimension, dimension, chosen);
    this.value = new Linear(dimension, dimension, chosen);
    this.output = new Linear(dimension, dimension, chosen);
  }

  override forward(query: Tensor, key?: Tensor, value?: Tensor, masks?: AttentionMasks): Tensor;
  // What makes it a module like others: TypeScript sees that options are no tensors.
  override forward(...inputs: Tensor[]): Tensor;
  override forward(
    query: Tensor,
    key: Tensor = query,
    value: Tensor = key,
    masks: AttentionMasks | Tensor = {},
  ): Tensor {
    this.#check('query', query);
    this.#check('key', key);
    this.#check('value', value);
    const read = readMasks('MultiHeadAttention.forward', masks, MASKS);
    const { isCausal: causal = this.causal, ...given } = read;
    const [q, k, v] = [this.query.forward(query), this.key.forward(key), this.value.forward(value)];
    const { heads } = this;
    const dropout = this.training ? this.dropout : 0;
    return this.output.forward(scaledDotProductAttention(q, k, v, { heads, causal, dropout, ...given }));
  }

  #check(name: string, x: Tensor): void {
    if (x.shape.length !== 3 || x.shape[2] !== this.#dimension) {
      throw new RangeError(
        `${name} must have shape [batch, positions, ${this.#dimension}], got ${showShape(x.shape)}`,
      );
    }
  }
}
