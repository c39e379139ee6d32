import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkInteger, show } from '../../core/validate.js';
import type { Tensor } from '../engine/tensor.js';
import type { AttentionMask } from '../functions/attention-mask.js';
import { GELU, ReLU } from './activations.js';
import { forwardBoth, type LinearOptions } from './affine.js';
import { Dropout } from './dropout.js';
import { LayerNorm } from './layer-norm.js';
import { Linear } from './linear.js';
import { readMasks } from './masks.js';
import { Module } from './module.js';
import { type AttentionMasks, MultiHeadAttention } from './multi-head-attention.js';

/** See {@link TransformerEncoderLayer} and {@link TransformerDecoderLayer}. */
export interface TransformerLayerOptions extends LinearOptions {
  /** The width of what follows the attention. Default 2048. */
  readonly dimFeedforward?: number;
  /** How probable it is that something is dropped in training: of the attention, and behind each part. Default 0.1. */
  readonly dropout?: number;
  /** Between the two linear layers. Default 'relu'. */
  readonly activation?: 'relu' | 'gelu' | ((x: Tensor) => Tensor);
  /** Default 1e-5. */
  readonly layerNormEps?: number;
  /** Whether each part is normalised before it (Xiong et al. 2020, https://arxiv.org/abs/2002.04745), or after. Default false. */
  readonly normFirst?: boolean;
}

const OPTIONS: OptionNames<TransformerLayerOptions> = {
  dimFeedforward: true,
  dropout: true,
  activation: true,
  layerNormEps: true,
  normFirst: true,
  bias: true,
  dtype: true,
  generator: true,
};

/** What both layers have: attention to oneself, and then the same two linear layers for each position. */
abstract class TransformerLayer extends Module {
  readonly normFirst: boolean;
  readonly selfAttn: MultiHeadAttention;
  readonly linear1: Linear;
  readonly dropout: Dropout;
  readonly linear2: Linear;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;
  readonly #activation: Module | ((x: Tensor) => Tensor);

  constructor(owner: string, dModel: number, nhead: number, options: TransformerLayerOptions) {
    super();
    checkInteger('dModel', dModel, 1);
    checkInteger('nhead', nhead, 1);
    checkOptions(owner, options, OPTIONS);
    const { dimFeedforward = 2048, dropout = 0.1, activation = 'relu', layerNormEps: eps = 1e-5 } = options;
    const { normFirst = false, bias = true, dtype = 'float32', generator } = options;
    checkInteger('dimFeedforward', dimFeedforward, 1);
    const linear = { bias, dtype, ...(generator === undefined ? {} : { generator }) };
    this.normFirst = normFirst;
    this.selfAttn = new MultiHeadAttention(dModel, nhead, { ...linear, dropout });
    this.linear1 = new Linear(dModel, dimFeedforward, linear);
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, linear);
    this.norm1 = new LayerNorm(dModel, { eps, dtype });
    this.norm2 = new LayerNorm(dModel, { eps, dtype });
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.#activation = activationOf(activation);
  }

  /** x + part(norm(x)) where `normFirst`, else norm(x + part(x)). */
  protected around(x: Tensor, norm: LayerNorm, part: (x: Tensor) => Tensor): Tensor {
    return this.normFirst ? x.add(part(norm.forward(x))) : norm.forward(x.add(part(x)));
  }

  protected attendToSelf(x: Tensor, masks: AttentionMasks): Tensor {
    return this.dropout1.forward(this.selfAttn.forward(x, x, x, masks));
  }

  protected feedForward(x: Tensor, last: Dropout): Tensor {
    return last.forward(this.linear2.forward(this.dropout.forward(this.#widen(x))));
  }

  #widen(x: Tensor): Tensor {
    const activation = this.#activation;
    if (!(activation instanceof Module)) return activation(this.linear1.forward(x));
    return forwardBoth(this.linear1, activation, x) ?? activation.forward(this.linear1.forward(x));
  }
}

function activationOf(activation: unknown): Module | ((x: Tensor) => Tensor) {
  if (activation === 'relu') return new ReLU();
  if (activation === 'gelu') return new GELU();
  if (isFunction(activation)) return activation;
  throw new TypeError(`activation must be "relu", "gelu" or a function of a tensor, got ${show(activation)}`);
}

function isFunction(value: unknown): value is (x: Tensor) => Tensor {
  return typeof value === 'function';
}

/** The masks that there are, under the names that attention has for them. */
function masksOf(
  attnMask: AttentionMask | undefined,
  keyPaddingMask: AttentionMask | undefined,
  isCausal: boolean | undefined,
): AttentionMasks {
  return {
    ...(attnMask === undefined ? {} : { attnMask }),
    ...(keyPaddingMask === undefined ? {} : { keyPaddingMask }),
    ...(isCausal === undefined ? {} : { isCausal }),
  };
}

/** What an encoder layer does not look at; see {@link AttentionMasks}. */
export interface EncoderLayerMasks {
  readonly srcMask?: AttentionMask;
  readonly srcKeyPaddingMask?: AttentionMask;
  readonly isCausal?: boolean;
}

const ENCODER_MASKS: OptionNames<EncoderLayerMasks> = {
  srcMask: true,
  srcKeyPaddingMask: true,
  isCausal: true,
};

/**
 * Attention to the sequence itself and two linear layers for each position, each with what it was given added and normalised:
 * Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, section 3.1. Parameters have PyTorch's names, those of `selfAttn`
 * the names of {@link MultiHeadAttention}; batches come first.
 *
 * From [batch, positions, dModel] to the same shape.
 *
 * @example Words and learned positions:
 * ```ts
 * const x = words.forward(ids).add(positions.forward(Array.from({ length: ids.length }, (_, i) => i)));
 * const y = new TransformerEncoderLayer(64, 4).forward(x.unsqueeze(0), { isCausal: true });
 * ```
 */
export class TransformerEncoderLayer extends TransformerLayer {
  /** @throws TypeError or RangeError naming the argument that does not fit. */
  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super('TransformerEncoderLayer', dModel, nhead, options);
  }

  override forward(src: Tensor, masks?: EncoderLayerMasks): Tensor;
  override forward(...inputs: Tensor[]): Tensor;
  override forward(src: Tensor, given: EncoderLayerMasks | Tensor = {}): Tensor {
    const masks = readMasks('TransformerEncoderLayer.forward', given, ENCODER_MASKS);
    const own = masksOf(masks.srcMask, masks.srcKeyPaddingMask, masks.isCausal);
    const x = this.around(src, this.norm1, (y) => this.attendToSelf(y, own));
    return this.around(x, this.norm2, (y) => this.feedForward(y, this.dropout2));
  }
}

/** What a decoder layer does not look at, of its own sequence and of the memory; see {@link AttentionMasks}. */
export interface DecoderMasks {
  readonly tgtMask?: AttentionMask;
  readonly memoryMask?: AttentionMask;
  readonly tgtKeyPaddingMask?: AttentionMask;
  readonly memoryKeyPaddingMask?: AttentionMask;
  readonly tgtIsCausal?: boolean;
  readonly memoryIsCausal?: boolean;
}

export const DECODER_MASKS: OptionNames<DecoderMasks> = {
  tgtMask: true,
  memoryMask: true,
  tgtKeyPaddingMask: true,
  memoryKeyPaddingMask: true,
  tgtIsCausal: true,
  memoryIsCausal: true,
};

/** The same with attention to another sequence, the memory [batch, others, dModel], in between. */
export class TransformerDecoderLayer extends TransformerLayer {
  readonly multiheadAttn: MultiHeadAttention;
  readonly norm3: LayerNorm;
  readonly dropout3: Dropout;

  /** @throws TypeError or RangeError naming the argument that does not fit. */
  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super('TransformerDecoderLayer', dModel, nhead, options);
    const { dropout = 0.1, layerNormEps: eps = 1e-5, bias = true, dtype = 'float32', generator } = options;
    const linear = { bias, dtype, ...(generator === undefined ? {} : { generator }) };
    this.multiheadAttn = new MultiHeadAttention(dModel, nhead, { ...linear, dropout });
    this.norm3 = new LayerNorm(dModel, { eps, dtype });
    this.dropout3 = new Dropout(dropout);
  }

  override forward(tgt: Tensor, memory: Tensor, masks?: DecoderMasks): Tensor;
  override forward(...inputs: Tensor[]): Tensor;
  override forward(tgt: Tensor, memory: Tensor, given: DecoderMasks | Tensor = {}): Tensor {
    const masks = readMasks('TransformerDecoderLayer.forward', given, DECODER_MASKS);
    const own = masksOf(masks.tgtMask, masks.tgtKeyPaddingMask, masks.tgtIsCausal);
    const across = masksOf(masks.memoryMask, masks.memoryKeyPaddingMask, masks.memoryIsCausal);
    const x = this.around(tgt, this.norm1, (y) => this.attendToSelf(y, own));
    const z = this.around(x, this.norm2, (y) =>
      this.dropout2.forward(this.multiheadAttn.forward(y, memory, memory, across)),
    );
    return this.around(z, this.norm3, (y) => this.feedForward(y, this.dropout3));
  }
}
