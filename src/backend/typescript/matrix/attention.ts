import { subarray } from '../../../core/float-arrays.js';
import { Words } from '../../../core/philox.js';
import type { FloatArray } from '../../../core/types.js';
import type { AttentionBackward, AttentionForward } from '../../contract/arguments.js';
import { gemm } from './gemm.js';

// softmax(scale q k^T) v for each head, a block of queries and all of their keys at a time. Mirror: native/matrix/attention.h
// and attention-heads.h, which cut the keys into blocks too; here only the words of the seed's stream are dealt out by them.
// Where scores are of a few units, the two agree to 8 units in the last place of the largest element; beyond that the error of
// a score becomes a relative error of its weight.

/** The most queries and keys of a block. */
const QUERIES = 32;
const KEYS = 256;

/** The shapes of a mask. */
const MASKS = { none: 0, pairs: 1, keys: 2, sequences: 3, heads: 4 } as const;

/** Of a block, a row for each query: its scores and then its weights, and the gradients by these. */
let weights = new Float64Array(0);
let slopes = new Float64Array(0);

/** Queries [first, first + rows) of a head, and the first `seen` of its keys: those that at least one of them sees. */
interface Block {
  readonly item: number;
  readonly first: number;
  readonly rows: number;
  readonly seen: number;
}

/** A head is a matrix with rows of `size` numbers, `step` apart. Heads are counted over the batch: `item` is one. */
class Heads {
  readonly seed: number;
  readonly offset: number;
  readonly probability: number;
  readonly causal: number;
  readonly masked: number;
  readonly batch: number;
  readonly heads: number;
  readonly size: number;
  readonly queries: number;
  readonly keys: number;
  readonly scale: number;
  readonly step: number;

  constructor(
    seed: number,
    offset: number,
    probability: number,
    causal: number,
    masked: number,
    batch: number,
    heads: number,
    size: number,
    queries: number,
    keys: number,
    scale: number,
  ) {
    this.seed = seed;
    this.offset = offset;
    this.probability = probability;
    this.causal = causal;
    this.masked = masked;
    this.batch = batch;
    this.heads = heads;
    this.size = size;
    this.queries = queries;
    this.keys = keys;
    this.scale = scale;
    this.step = heads * size;
    if (weights.length < QUERIES * keys) {
      weights = new Float64Array(QUERIES * keys);
      slopes = new Float64Array(QUERIES * keys);
    }
  }

  /** From row `row` of head `item` on, in x [batch, rows, heads, size]. */
  at(x: FloatArray, rows: number, item: number, row: number): FloatArray {
    const start = (Math.floor(item / this.heads) * rows + row) * this.step + (item % this.heads) * this.size;
    return subarray(x, start);
  }

  forBlocks(work: (block: Block) => void): void {
    const blocks = Math.ceil(this.queries / QUERIES);
    const [most, larger] = [Math.floor(this.queries / blocks), this.queries % blocks];
    for (let item = 0; item < this.batch * this.heads; item++) {
      for (let block = 0, first = 0; block < blocks; block++) {
        const rows = most + (block < larger ? 1 : 0);
        work({ item, first, rows, seen: this.causal ? Math.min(this.keys, first + rows) : this.keys });
        first += rows;
      }
    }
  }

  /** How many of the keys query `r` of a block sees. */
  seenBy({ first, seen }: Block, r: number): number {
    return this.causal ? Math.min(seen, first + r + 1) : seen;
  }

  /** into[r][j] = alpha times the dot product of row r from q on and row j from k on. */
  multiplyRows({ rows, seen }: Block, q: FloatArray, k: FloatArray, alpha: number, into: FloatArray): void {
    const { size, step } = this;
    gemm(0, 1, rows, seen, size, step, step, seen, alpha, 0, 0, 0, q, k, null, into);
  }

  /** Adds the mask, where there is one: see AttentionMask in native/matrix/attention-arguments.h. */
  addMask({ item, first, rows, seen }: Block, mask: FloatArray | null, scores: FloatArray): void {
    if (mask === null || this.masked === MASKS.none) return;
    const { keys, queries, heads, masked } = this;
    const sequence = Math.floor(item / heads);
    const place = { [MASKS.sequences]: sequence, [MASKS.heads]: item }[masked] ?? 0;
    const isOfKeys = masked === MASKS.keys;
    for (let r = 0; r < rows; r++) {
      const row = isOfKeys ? sequence : place * queries + first + r;
      for (let j = 0; j < seen; j++) scores[r * seen + j] += mask[row * keys + j];
    }
  }

  /** c [rows, size] = scores x, of a row of x for each key: a sum over the keys. */
  sumOverKeys({ rows, seen }: Block, scores: FloatArray, x: FloatArray, c: FloatArray): void {
    const { size, step } = this;
    gemm(0, 0, rows, size, seen, seen, step, step, 1, 0, 0, 0, scores, x, null, c);
  }

  /** c [seen, size] += scores^T x, of a row of x for each query: a sum over the queries. */
  sumOverQueries({ rows, seen }: Block, scores: FloatArray, x: FloatArray, c: FloatArray): void {
    const { size, step } = this;
    gemm(1, 0, seen, size, rows, seen, step, step, 1, 1, 0, 0, scores, x, null, c);
  }

  /** Sets elements to 0 with the probability and scales the others, by one word each: by blocks of keys, key by key. */
  drop({ item, first, rows, seen }: Block, scores: FloatArray): void {
    if (!(this.probability > 0)) return;
    const below = this.probability * 2 ** 32;
    const factor = 1 / (1 - this.probability);
    for (let key = 0; key < seen; key += KEYS) {
      const start = (item * this.queries + first) * this.keys + key * rows;
      const words = new Words(this.seed, this.offset + start);
      for (let j = key; j < Math.min(seen, key + KEYS); j++) {
        for (let r = 0; r < rows; r++) scores[r * seen + j] *= words.next() < below ? 0 : factor;
      }
    }
  }
}

/**
 * weights = exp(score - the largest score) for the `count` scores from `start` on, and 0 from there to `end`. Returns their
 * sum and the largest score.
 */
function exponentiate(start: number, count: number, end: number): [total: number, top: number] {
  let top = Number.NEGATIVE_INFINITY;
  for (let i = start; i < start + count; i++) if (weights[i] > top) top = weights[i];
  let total = 0;
  for (let i = start; i < start + count; i++) {
    weights[i] = Math.exp(weights[i] - top);
    total += weights[i];
  }
  weights.fill(0, start + count, end);
  return [total, top];
}

/**
 * out = softmax(scale q k^T) v for each head, of q and out [batch, queries, heads, size] and of k and v [batch, keys, heads,
 * size]; logSums [batch, heads, queries]: logarithms of the sums of exponentials. Where `causal` is 1, query i sees the keys
 * 0 to i only. The mask is added to the scores. Weights are dropped with a probability, by one word of the stream of `seed` each, the first of which is at
 * `offset`.
 */
export const attentionForward: AttentionForward = (
  seed,
  offset,
  probability,
  causal,
  masked,
  batch,
  heads,
  size,
  queries,
  keys,
  scale,
  q,
  k,
  v,
  mask,
  out,
  logSums,
) => {
  // biome-ignore format: the order of the arguments
  const all = new Heads(seed, offset, probability, causal, masked, batch, heads, size, queries, keys, scale);
  all.forBlocks((block) => {
    const { item, first, rows, seen } = block;
    all.multiplyRows(block, all.at(q, queries, item, first), all.at(k, keys, item, 0), scale, weights);
    all.addMask(block, mask, weights);
    for (let r = 0; r < rows; r++) {
      const [start, end] = [r * seen, (r + 1) * seen];
      const [total, top] = exponentiate(start, all.seenBy(block, r), end);
      for (let i = start; i < end; i++) weights[i] /= total;
      logSums[item * queries + first + r] = top + Math.log(total);
    }
    all.drop(block, weights);
    all.sumOverKeys(block, weights, all.at(v, keys, item, 0), all.at(out, queries, item, first));
  });
};

/** The sum of the products of two rows. */
function dot(x: FloatArray, y: FloatArray, start: number, count: number): number {
  let sum = 0;
  for (let i = start; i < start + count; i++) sum += x[i] * y[i];
  return sum;
}

/** The gradients by q, k and v, from what attentionForward read and wrote, and the gradient by its output. */
export const attentionBackward: AttentionBackward = (
  seed,
  offset,
  probability,
  causal,
  masked,
  batch,
  heads,
  size,
  queries,
  keys,
  scale,
  q,
  k,
  v,
  mask,
  out,
  logSums,
  dOut,
  dq,
  dk,
  dv,
) => {
  // biome-ignore format: the order of the arguments
  const all = new Heads(seed, offset, probability, causal, masked, batch, heads, size, queries, keys, scale);
  const total = batch * keys * all.step;
  dk.fill(0, 0, total);
  dv.fill(0, 0, total);
  all.forBlocks((block) => {
    const { item, first, rows, seen } = block;
    const [fromQ, fromDOut] = [all.at(q, queries, item, first), all.at(dOut, queries, item, first)];
    const [fromOut, fromK] = [all.at(out, queries, item, first), all.at(k, keys, item, 0)];
    all.multiplyRows(block, fromQ, fromK, scale, weights);
    all.addMask(block, mask, weights);
    all.multiplyRows(block, fromDOut, all.at(v, keys, item, 0), 1, slopes);
    all.drop(block, slopes);
    for (let r = 0; r < rows; r++) {
      const [start, count] = [r * seen, all.seenBy(block, r)];
      const logSum = logSums[item * queries + first + r];
      const lowered = dot(fromOut, fromDOut, r * all.step, size);
      for (let i = start; i < start + count; i++) {
        const x = weights[i] - logSum;
        // Above 0 by rounding alone.
        weights[i] = Math.exp(x > 0 ? 0 : x);
        slopes[i] = scale * (weights[i] * (slopes[i] - lowered));
      }
      weights.fill(0, start + count, start + seen);
      slopes.fill(0, start + count, start + seen);
    }
    all.drop(block, weights);
    all.sumOverQueries(block, weights, fromDOut, all.at(dv, keys, item, 0));
    all.sumOverKeys(block, slopes, fromK, all.at(dq, queries, item, first));
    all.sumOverQueries(block, slopes, fromQ, all.at(dk, keys, item, 0));
  });
};
