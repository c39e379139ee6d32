import { kernels } from '../../backend/select.js';
import { give, record, takeLike, type Variable } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { Storage } from '../engine/storage.js';
import type { Generator } from '../generator.js';

export interface AttentionSettings {
  readonly heads: number;
  readonly causal: boolean;
  readonly scale: number;
  /** How probable it is that a weight is dropped: one word of the generator for each, where it is not 0. */
  readonly dropout: number;
  readonly generator: Generator;
}

/** softmax(scale q k^T) v for each head, of q [..., queries, heads size] and of k and v [..., keys, heads size]. */
export function attention(q: Variable, k: Variable, v: Variable, settings: AttentionSettings): Variable {
  const { heads, causal, scale, dropout, generator } = settings;
  const [[queries, columns], [keys]] = [q.shape.slice(-2), k.shape.slice(-2)];
  const batch = q.size / (queries * columns);
  const sums = batch * heads * queries;
  const [seed, offset] = dropout === 0 ? [0, 0] : [generator.seed, generator.skip(sums * keys)];
  const [seen, size] = [causal ? 1 : 0, columns / heads];
  const choices = [seed, offset, dropout, seen, batch, heads, size, queries, keys, scale] as const;
  const out = takeLike(q);
  const logSums = takeLike(q, sums);
  kernels().attentionForward(...choices, q.array, k.array, v.array, out, logSums);
  return record({
    name: 'attention',
    shape: q.shape,
    storage: Storage.temporary(out),
    inputs: [q, k, v],
    reads: [q, k, v],
    readsOutput: true,
    saved: [logSums],
    backward(gradient) {
      const [dq, dk, dv] = [takeLike(q), takeLike(k), takeLike(v)];
      const inputs = [q.array, k.array, v.array, out, logSums, gradient] as const;
      kernels().attentionBackward(...choices, ...inputs, dq, dk, dv);
      give(q, dq);
      give(k, dk);
      give(v, dv);
      pool.release(gradient);
    },
  });
}
