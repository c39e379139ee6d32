import { checkGenerator, type Generator } from '../../array/generator.js';
import { kernels } from '../../backend/stream.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { sameShape, showShape } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { checkBoolean, checkFinite, checkInteger, checkProbability } from '../../core/validate.js';
import { give, record, takeLike } from '../engine/autograd.js';
import { defaultGenerator } from '../engine/default-generator.js';
import { pool } from '../engine/pool.js';
import { arrayOf, checkTensor, type Tensor } from '../engine/tensor.js';
import {
  type AttentionMask,
  addMasks,
  kindOf,
  type Mask,
  maskOfKeys,
  maskOfScores,
} from './attention-mask.js';
import { checkSameType } from './check.js';

/** See {@link scaledDotProductAttention}. */
export interface ScaledDotProductAttentionOptions {
  /** How many heads lie side by side in the last dimension. Default 1. */
  readonly heads?: number;
  /** Whether query i sees the keys 0 to i only. Default false. */
  readonly causal?: boolean;
  /**
   * What is added to the scores, a constant: [queries, keys], or [..., queries, keys] with the other dimensions of query, with 1
   * in the place of `queries` or `heads` before it. A Uint8Array of as many elements hides what is not 0. Default: none.
   */
  readonly attnMask?: AttentionMask;
  /** What is added to the scores of each key, or hides it: [..., keys]. Default: none. */
  readonly keyPaddingMask?: AttentionMask;
  /** What the products of queries and keys are multiplied by. Default 1 / sqrt(size), size being that of a head. */
  readonly scale?: number;
  /** How probable it is that a weight is set to 0, in [0, 1]; the others are divided by 1 - dropout. Default 0. */
  readonly dropout?: number;
  /** Where the choices come from. Default: the generator that `manualSeed()` restarts. */
  readonly generator?: Generator;
}

const OPTIONS: OptionNames<ScaledDotProductAttentionOptions> = {
  heads: true,
  causal: true,
  attnMask: true,
  keyPaddingMask: true,
  scale: true,
  dropout: true,
  generator: true,
};

/**
 * softmax(scale query key^T) value for each head: Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, equation 1. The
 * matrix of scores is never there as a whole, nor kept for backward(): memory grows with the positions, not with their square
 * (Dao et al. 2022, https://arxiv.org/abs/2205.14135). With `causal`, blocks of keys that no query sees take no time; without
 * dropout, finite numbers that come after a position do not change a bit of its result. A query to which masks leave no key
 * gives NaN.
 *
 * @param query [..., queries, heads size].
 * @param key [..., keys, heads size]; its other dimensions are those of query.
 * @param value as key.
 * @returns as query.
 * @throws RangeError for shapes that do not fit; TypeError for options that do not exist or have another type.
 */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: ScaledDotProductAttentionOptions = {},
): Tensor {
  checkTensor('query', query);
  checkOptions('scaledDotProductAttention', options, OPTIONS);
  const { heads = 1, causal = false, scale, dropout = 0, generator = defaultGenerator() } = options;
  checkInteger('heads', heads, 1);
  checkBoolean('causal', causal);
  if (scale !== undefined) checkFinite('scale', scale);
  checkProbability(dropout, 'dropout');
  checkGenerator(generator);
  const { shape } = query;
  const columns = shape.at(-1);
  if (columns === undefined || shape.length < 2 || columns % heads !== 0) {
    const last = heads === 1 ? 'size' : `${heads} size`;
    throw new RangeError(`query must have shape [..., queries, ${last}], got ${showShape(shape)}`);
  }
  checkSameType('key', key, query);
  const [queries, keys, outer] = [shape.at(-2) ?? 0, key.shape.at(-2) ?? 0, shape.slice(0, -2)];
  if (!sameShape(key.shape, [...outer, keys, columns])) {
    const expected = [...outer, 'keys', columns].join(', ');
    throw new RangeError(
      `key must have shape [${expected}] with a query of ${showShape(shape)}, got ${showShape(key.shape)}`,
    );
  }
  checkSameType('value', value, query);
  if (!sameShape(value.shape, key.shape)) {
    throw new RangeError(
      `value must have the shape of key, ${showShape(key.shape)}, got ${showShape(value.shape)}`,
    );
  }

  const batch = query.size / (queries * columns);
  const scores = { outer, batch, heads, queries, keys, like: query };
  const { attnMask, keyPaddingMask } = options;
  const mask = addMasks(
    attnMask === undefined ? null : maskOfScores('attnMask', attnMask, scores),
    keyPaddingMask === undefined ? null : maskOfKeys('keyPaddingMask', keyPaddingMask, scores),
    query,
  );
  const masked = kindOf(mask, scores);
  const sums = batch * heads * queries;
  // One word of the generator for each weight, where any is dropped.
  const [seed, offset] = dropout === 0 ? [0, 0] : [generator.seed, generator.skip(sums * keys)];
  const [seen, size] = [causal ? 1 : 0, columns / heads];
  const factor = scale ?? Math.sqrt(heads / columns);
  const choices = [seed, offset, dropout, seen, masked, batch, heads, size, queries, keys, factor] as const;
  const [out, logSums] = [takeLike(query), takeLike(query, sums)];
  const read = () => [arrayOf(query), arrayOf(key), arrayOf(value), maskArray(mask)] as const;
  kernels().attentionForward(...choices, ...read(), out, logSums);
  const inputs = [query, key, value];
  const reads = [...inputs, ...(mask?.reads ?? [])];
  const saved = [logSums, ...(mask?.saved ?? [])];
  return record({ name: 'attention', out, inputs, reads, readsOutput: true, saved }, (gradient) => {
    const [dq, dk, dv] = [takeLike(query), takeLike(key), takeLike(value)];
    kernels().attentionBackward(...choices, ...read(), out, logSums, gradient, dq, dk, dv);
    give(query, dq);
    give(key, dk);
    give(value, dv);
    pool.release(gradient);
  });
}

function maskArray(mask: Mask | null): FloatArray | null {
  return mask === null ? null : mask.array;
}
