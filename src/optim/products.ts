import * as named from '../backend/named.js';
import { kernels } from '../backend/stream.js';
import type { FloatArray } from '../core/types.js';

/** A matrix, row-major, and whether it is taken transposed. */
export interface Matrix {
  readonly array: FloatArray;
  /** As stored. */
  readonly rows: number;
  readonly columns: number;
  readonly isTransposed?: boolean;
}

/** c = alpha op(a) op(b) + beta c. */
export function multiply(a: Matrix, b: Matrix, c: FloatArray, alpha = 1, beta = 0): void {
  const [transA, transB] = [a.isTransposed === true, b.isTransposed === true];
  const n = transB ? b.rows : b.columns;
  named.gemm(kernels(), {
    transA,
    transB,
    m: transA ? a.columns : a.rows,
    n,
    k: transA ? a.rows : a.columns,
    lda: a.columns,
    ldb: b.columns,
    ldc: n,
    alpha,
    beta,
    activation: 'none',
    a: a.array,
    b: b.array,
    bias: null,
    c,
  });
}
