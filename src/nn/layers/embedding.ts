import { checkGenerator, type Generator } from '../../array/generator.js';
import { alignedZeros } from '../../backend/memory.js';
import { checkDType, type DType } from '../../core/dtypes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkBoolean, checkInteger } from '../../core/validate.js';
import { tensor } from '../engine/make-leaf.js';
import type { Tensor } from '../engine/tensor.js';
import { checkPaddingIndex, embedding, makeSparse } from '../functions/embedding.js';
import type { Labels } from '../functions/labels.js';
import { normal } from '../init.js';
import { Module } from './module.js';

export interface EmbeddingOptions {
  /**
   * Whether `backward()` makes a `rowGrad` of the rows that were used instead of a `grad` of the whole table: the cost of
   * a step then grows with these rows and not with the table. Every optimizer but SWATS takes it, and leaves the
   * other rows as they are: without momentum and weight decay, SGD and Adagrad do the same as with a `grad`; the
   * moments of the others rest, as in PyTorch's SparseAdam, where a `grad` would let them fade. Default false.
   */
  readonly sparse?: boolean;
  /** The number of a row that starts as zeros and learns nothing: what stands where there is nothing. Default: none. */
  readonly paddingIndex?: number;
  /** Default float32. */
  readonly dtype?: DType;
  /** Where the initial numbers come from. Default: the generator that `manualSeed()` restarts. */
  readonly generator?: Generator;
}

const OPTIONS: OptionNames<EmbeddingOptions> = {
  sparse: true,
  paddingIndex: true,
  dtype: true,
  generator: true,
};

/**
 * A table with a row for each word, from whole numbers to rows: [...] to [..., dimension].
 *
 * `weight` is [count, dimension], and starts from the standard normal distribution, as PyTorch's does.
 */
export class Embedding extends Module {
  /** May be set to another tensor of its shape, which is then shared: `head.weight = embedding.weight`. */
  weight: Tensor;
  readonly sparse: boolean;
  readonly paddingIndex: number | null;

  /** @throws TypeError or RangeError naming the argument that does not fit. */
  constructor(count: number, dimension: number, options: EmbeddingOptions = {}) {
    super();
    checkInteger('count', count, 1);
    checkInteger('dimension', dimension, 1);
    checkOptions('Embedding', options, OPTIONS);
    const { sparse = false, paddingIndex, dtype = 'float32', generator } = options;
    checkBoolean('sparse', sparse);
    checkDType('dtype', dtype);
    if (paddingIndex !== undefined) checkPaddingIndex(paddingIndex, count);
    if (generator !== undefined) checkGenerator(generator);
    this.sparse = sparse;
    this.paddingIndex = paddingIndex ?? null;
    this.weight = tensor(alignedZeros(dtype, count * dimension), [count, dimension], { requiresGrad: true });
    normal(this.weight, 0, 1, generator === undefined ? {} : { generator });
    if (paddingIndex !== undefined) {
      this.weight.value.fill(0, paddingIndex * dimension, (paddingIndex + 1) * dimension);
    }
    if (sparse) makeSparse(this.weight);
  }

  /** @param indices a tensor of whole numbers in [0, count), of any shape, or an array of them. */
  override forward(indices: Tensor | Labels): Tensor {
    const { paddingIndex } = this;
    return embedding(this.weight, indices, paddingIndex === null ? {} : { paddingIndex });
  }
}
