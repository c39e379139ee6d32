import { checkProbability } from '../random.js';
import { checkBoolean, checkInteger, checkNoOthers, checkObject, show } from '../validate.js';
import { Dropout } from './dropout.js';
import { checkDType, zeros } from './dtype.js';
import { bmm } from './functions/batched.js';
import { add } from './functions/broadcast.js';
import { permute } from './functions/permute.js';
import { softmax } from './functions/softmax.js';
import { Linear, type LinearOptions } from './linear.js';
import { Module } from './module.js';
import { Generator } from './random.js';
import { showShape } from './shape.js';
import { type Tensor, tensor } from './tensor.js';

export interface MultiHeadAttentionOptions extends LinearOptions {
  /** Whether a position sees only itself and those before it. Default false. */
  readonly causal?: boolean;
  /** How probable it is that a weight of the attention is dropped in training. Default 0. */
  readonly dropout?: number;
}

/** Far below any score: its exponential is 0 next to any other. */
const MASKED = -1e30;

/**
 * softmax(q k^T / sqrt(d)) v for each head, with q, k and v linear in what is attended from and to, side by side and through
 * one more linear layer: Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, section 3.2.
 *
 * From [batch, positions, dimension] to the same shape. `forward(x, context)` attends from x to another sequence
 * [batch, others, dimension].
 */
export class MultiHeadAttention extends Module {
  readonly heads: number;
  readonly causal: boolean;
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  readonly dropout: Dropout;
  readonly #dimension: number;
  #mask: Tensor | null = null;

  /** @throws TypeError or RangeError naming the argument that does not fit. */
  constructor(dimension: number, heads: number, options: MultiHeadAttentionOptions = {}) {
    super();
    checkInteger('dimension', dimension, 1);
    checkInteger('heads', heads, 1);
    if (dimension % heads !== 0) {
      throw new RangeError(`heads must divide the dimension ${dimension}, got ${heads}`);
    }
    checkObject('options', options);
    const { causal = false, dropout = 0, bias = true, dtype = 'float32', generator, ...others } = options;
    checkNoOthers('options', others);
    checkBoolean('causal', causal);
    checkProbability(dropout);
    checkBoolean('bias', bias);
    checkDType('dtype', dtype);
    if (generator !== undefined && !(generator instanceof Generator)) {
      throw new TypeError(`generator must be a Generator, got ${show(generator)}`);
    }
    const chosen = generator === undefined ? { bias, dtype } : { bias, dtype, generator };
    this.heads = heads;
    this.causal = causal;
    this.#dimension = dimension;
    this.query = new Linear(dimension, dimension, chosen);
    this.key = new Linear(dimension, dimension, chosen);
    this.value = new Linear(dimension, dimension, chosen);
    this.output = new Linear(dimension, dimension, chosen);
    this.dropout = new Dropout({ probability: dropout });
  }

  override forward(x: Tensor, context: Tensor = x): Tensor {
    this.#check('x', x);
    this.#check('context', context);
    const [batch, positions] = x.shape;
    const [q, k, v] = [
      this.#split(this.query.forward(x)),
      this.#split(this.key.forward(context)),
      this.#split(this.value.forward(context)),
    ];
    const scores = bmm(q, k, { transposeB: true, scale: Math.sqrt(this.heads / this.#dimension) });
    const masked = this.causal ? add(scores, this.#maskFor(scores)) : scores;
    const heads = bmm(this.dropout.forward(softmax(masked)), v);
    const joined = permute(heads, { axes: [0, 2, 1, 3] }).reshape([batch, positions, this.#dimension]);
    return this.output.forward(joined);
  }

  /** [batch, positions, dimension] as [batch, heads, positions, dimension / heads]. */
  #split(x: Tensor): Tensor {
    const [batch, positions] = x.shape;
    const parts = x.reshape([batch, positions, this.heads, this.#dimension / this.heads]);
    return permute(parts, { axes: [0, 2, 1, 3] });
  }

  /** 0 where a position may look, far below elsewhere. */
  #maskFor({ shape, dtype }: Tensor): Tensor {
    const [rows, columns] = shape.slice(-2);
    const [before, width] = this.#mask?.shape ?? [];
    if (this.#mask !== null && before === rows && width === columns) return this.#mask;
    const mask = zeros(dtype, rows * columns);
    for (let row = 0; row < rows; row++) mask.fill(MASKED, row * columns + row + 1, (row + 1) * columns);
    this.#mask = tensor(mask, [rows, columns]);
    return this.#mask;
  }

  #check(name: string, x: Tensor): void {
    if (x.shape.length !== 3 || x.shape[2] !== this.#dimension) {
      throw new RangeError(
        `${name} must have shape [batch, positions, ${this.#dimension}], got ${showShape(x.shape)}`,
      );
    }
  }
}
