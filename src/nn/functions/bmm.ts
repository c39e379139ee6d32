import { gemmBatched } from '../../backend/named.js';
import { kernels } from '../../backend/stream.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { sameShape, showShape } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { checkBoolean, checkFinite } from '../../core/validate.js';
import { contribute, factorsRead, record, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, checkTensor, type Tensor } from '../engine/tensor.js';
import { checkSameType } from './check.js';

/** See {@link bmm}. */
export interface BmmOptions {
  /** Whether b is [..., n, k] and is multiplied as its transpose. Default false. */
  readonly transposeB?: boolean;
  /** What the products are multiplied by. Default 1. */
  readonly scale?: number;
}

const OPTIONS: OptionNames<BmmOptions> = { transposeB: true, scale: true };

/**
 * The matrix products of two batches of matrices: scale a b for each.
 * @param a [..., m, k].
 * @param b [..., k, n], or [..., n, k] with `transposeB`; its other dimensions are those of a.
 * @returns [..., m, n].
 */
export function bmm(a: Tensor, b: Tensor, options: BmmOptions = {}): Tensor {
  checkTensor('a', a);
  checkSameType('b', b, a);
  checkOptions('bmm', options, OPTIONS);
  const { transposeB = false, scale = 1 } = options;
  checkBoolean('transposeB', transposeB);
  checkFinite('scale', scale);
  const [m, k] = a.shape.slice(-2);
  const outer = a.shape.slice(0, -2);
  if (a.shape.length < 2)
    throw new RangeError(`a must have at least two dimensions, got ${showShape(a.shape)}`);
  const n = b.shape.at(transposeB ? -2 : -1) ?? 0;
  const expected = [...outer, ...(transposeB ? [n, k] : [k, n])];
  if (!sameShape(b.shape, expected)) {
    const shape = [...outer, ...(transposeB ? ['n', k] : [k, 'n'])].join(', ');
    throw new RangeError(
      `b must have shape [${shape}] with a of ${showShape(a.shape)}, got ${showShape(b.shape)}`,
    );
  }
  const batch = a.size / (m * k);
  const out = takeLike(a, batch * m * n);
  multiply([false, transposeB], { batch, m, n, k }, scale, arrayOf(a), arrayOf(b), 0, out);
  const reads = factorsRead(a, b);
  return record({ name: 'bmm', shape: [...outer, m, n], out, inputs: [a, b], reads }, (gradient) => {
    contribute(b, (into, beta) => {
      const x = arrayOf(a);
      if (transposeB) multiply([true, false], { batch, m: n, n: k, k: m }, scale, gradient, x, beta, into);
      else multiply([true, false], { batch, m: k, n, k: m }, scale, x, gradient, beta, into);
    });
    contribute(a, (into, beta) => {
      multiply([false, !transposeB], { batch, m, n: k, k: n }, scale, gradient, arrayOf(b), beta, into);
    });
    pool.release(gradient);
  });
}

interface Sizes {
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** C = alpha op(A) op(B) + beta C for each of the matrices, which lie one after the other without gaps. */
function multiply(
  [transA, transB]: readonly [boolean, boolean],
  { batch, m, n, k }: Sizes,
  alpha: number,
  a: FloatArray,
  b: FloatArray,
  beta: 0 | 1,
  c: FloatArray,
): void {
  const [lda, ldb] = [transA ? m : k, transB ? k : n];
  // biome-ignore format: as it is read
  gemmBatched(kernels(), {
    batch, transA, transB, m, n, k, lda, ldb, ldc: n, alpha, beta, a, b, c,
    strideA: m * k, strideB: k * n, strideC: m * n,
  });
}
