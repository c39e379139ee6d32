import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkFunction, checkInteger } from '../../core/validate.js';
import type { Tensor } from '../engine/tensor.js';
import type { AttentionMask } from '../functions/attention-mask.js';
import { readMasks } from './masks.js';
import { checkModule, Module } from './module.js';
import { ModuleList } from './module-list.js';
import {
  DECODER_MASKS,
  type DecoderMasks,
  type TransformerDecoderLayer,
  type TransformerEncoderLayer,
} from './transformer-layers.js';

/** See {@link TransformerEncoder} and {@link TransformerDecoder}. */
export interface TransformerStackOptions {
  /** What the last layer's result goes through, a LayerNorm say. Default: nothing. */
  readonly norm?: Module;
}

const OPTIONS: OptionNames<TransformerStackOptions> = { norm: true };

abstract class Stack<Layer extends Module> extends Module {
  readonly layers: ModuleList<Layer>;
  readonly norm: Module | null;

  constructor(
    owner: string,
    layer: (index: number) => Layer,
    numLayers: number,
    options: TransformerStackOptions,
  ) {
    super();
    checkFunction('layer', layer);
    checkInteger('numLayers', numLayers, 1);
    checkOptions(owner, options, OPTIONS);
    const { norm = null } = options;
    if (norm !== null) checkModule('norm', norm);
    this.layers = new ModuleList(Array.from({ length: numLayers }, (_, i) => layer(i)));
    this.norm = norm;
  }

  protected through(x: Tensor, step: (layer: Layer, x: Tensor) => Tensor): Tensor {
    let y = x;
    for (const layer of this.layers) y = step(layer, y);
    return this.norm === null ? y : this.norm.forward(y);
  }
}

/** What no layer of an encoder looks at. */
export interface EncoderMasks {
  readonly mask?: AttentionMask;
  readonly srcKeyPaddingMask?: AttentionMask;
  readonly isCausal?: boolean;
}

const ENCODER_MASKS: OptionNames<EncoderMasks> = { mask: true, srcKeyPaddingMask: true, isCausal: true };

/**
 * Encoder layers one after the other, `layers.0` and so on. Each is made by a call of `layer`, where PyTorch copies one: so each
 * starts with numbers of its own.
 *
 * @example
 * ```ts
 * new TransformerEncoder(() => new TransformerEncoderLayer(512, 8), 6, { norm: new LayerNorm(512) });
 * ```
 */
export class TransformerEncoder extends Stack<TransformerEncoderLayer> {
  constructor(
    layer: (index: number) => TransformerEncoderLayer,
    numLayers: number,
    options: TransformerStackOptions = {},
  ) {
    super('TransformerEncoder', layer, numLayers, options);
  }

  override forward(src: Tensor, masks?: EncoderMasks): Tensor;
  override forward(...inputs: Tensor[]): Tensor;
  override forward(src: Tensor, given: EncoderMasks | Tensor = {}): Tensor {
    const masks = readMasks('TransformerEncoder.forward', given, ENCODER_MASKS);
    const { mask, ...others } = masks;
    const each = mask === undefined ? others : { ...others, srcMask: mask };
    return this.through(src, (layer, x) => layer.forward(x, each));
  }
}

/** Decoder layers one after the other, each of which attends to the memory. See {@link TransformerEncoder}. */
export class TransformerDecoder extends Stack<TransformerDecoderLayer> {
  constructor(
    layer: (index: number) => TransformerDecoderLayer,
    numLayers: number,
    options: TransformerStackOptions = {},
  ) {
    super('TransformerDecoder', layer, numLayers, options);
  }

  override forward(tgt: Tensor, memory: Tensor, masks?: DecoderMasks): Tensor;
  override forward(...inputs: Tensor[]): Tensor;
  override forward(tgt: Tensor, memory: Tensor, given: DecoderMasks | Tensor = {}): Tensor {
    const masks = readMasks('TransformerDecoder.forward', given, DECODER_MASKS);
    return this.through(tgt, (layer, x) => layer.forward(x, memory, masks));
  }
}
