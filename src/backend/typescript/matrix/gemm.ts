import { subarray } from '../../../core/float-arrays.js';
import type { FloatArray } from '../../../core/types.js';
import type { Gemm, GemmBatched } from '../../contract/arguments.js';
import { finish } from './gemm-epilogue.js';

// C = alpha op(A) op(B) + beta C, then a bias and an activation. After Goto & van de Geijn 2008,
// https://doi.org/10.1145/1356052.1356053. Mirror: native/matrix/gemm.h, which explains the words.
// Blocks of A and B are packed into panels of doubles, so the inner loop is one piece of code for both element types
// and reads memory in order. A block of terms of an element of C is summed in double and then added to C: the error
// of an element is at most (k / BLOCK_TERMS + 2) roundings of C plus k roundings in double.

/** BLIS's kc, mc and nc; a tile is TILE x TILE. */
const BLOCK_TERMS = 256;
const BLOCK_ROWS = 64;
const BLOCK_COLUMNS = 128;
const TILE = 4;

const packedA = new Float64Array(BLOCK_ROWS * BLOCK_TERMS);
const packedB = new Float64Array(BLOCK_COLUMNS * BLOCK_TERMS);
const tile = new Float64Array(TILE * TILE);

/**
 * Packs `count` rows of op(A) or columns of op(B), the i-th of which has from[start + i * step + p * termStep] for term p, into
 * panels of TILE: the elements of the first term, then those of the second, and so on. What the last panel lacks is zero.
 */
function pack(
  from: FloatArray,
  start: number,
  step: number,
  termStep: number,
  count: number,
  terms: number,
  panels: Float64Array,
): void {
  for (let i = 0; i < Math.ceil(count / TILE) * TILE; i++) {
    let to = (i - (i % TILE)) * terms + (i % TILE);
    let at = start + i * step;
    if (i < count) {
      for (let p = 0; p < terms; p++, to += TILE, at += termStep) panels[to] = from[at];
    } else {
      for (let p = 0; p < terms; p++, to += TILE) panels[to] = 0;
    }
  }
}

/** tile = one panel of A times one panel of B. Sixteen named sums: V8 keeps variables in registers, elements not. */
function multiplyTile(terms: number, a: number, b: number): void {
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  let s20 = 0;
  let s21 = 0;
  let s22 = 0;
  let s23 = 0;
  let s30 = 0;
  let s31 = 0;
  let s32 = 0;
  let s33 = 0;
  const end = a + terms * TILE;
  for (let i = a, j = b; i < end; i += TILE, j += TILE) {
    const b0 = packedB[j];
    const b1 = packedB[j + 1];
    const b2 = packedB[j + 2];
    const b3 = packedB[j + 3];
    const a0 = packedA[i];
    s00 += a0 * b0;
    s01 += a0 * b1;
    s02 += a0 * b2;
    s03 += a0 * b3;
    const a1 = packedA[i + 1];
    s10 += a1 * b0;
    s11 += a1 * b1;
    s12 += a1 * b2;
    s13 += a1 * b3;
    const a2 = packedA[i + 2];
    s20 += a2 * b0;
    s21 += a2 * b1;
    s22 += a2 * b2;
    s23 += a2 * b3;
    const a3 = packedA[i + 3];
    s30 += a3 * b0;
    s31 += a3 * b1;
    s32 += a3 * b2;
    s33 += a3 * b3;
  }
  tile[0] = s00;
  tile[1] = s01;
  tile[2] = s02;
  tile[3] = s03;
  tile[4] = s10;
  tile[5] = s11;
  tile[6] = s12;
  tile[7] = s13;
  tile[8] = s20;
  tile[9] = s21;
  tile[10] = s22;
  tile[11] = s23;
  tile[12] = s30;
  tile[13] = s31;
  tile[14] = s32;
  tile[15] = s33;
}

/** Adds alpha times the product of the packed blocks to the rows x columns of C from `start` on, panel by panel. */
function multiplyBlock(
  rows: number,
  columns: number,
  terms: number,
  alpha: number,
  c: FloatArray,
  start: number,
  ldc: number,
): void {
  for (let j = 0; j < columns; j += TILE) {
    const width = Math.min(TILE, columns - j);
    for (let i = 0; i < rows; i += TILE) {
      multiplyTile(terms, i * terms, j * terms);
      const height = Math.min(TILE, rows - i);
      for (let r = 0; r < height; r++) {
        const at = start + (i + r) * ldc + j;
        for (let s = 0; s < width; s++) c[at + s] += alpha * tile[r * TILE + s];
      }
    }
  }
}

/** C = beta C; where beta is 0, C is not read. */
function scaleMatrix(m: number, n: number, ldc: number, beta: number, c: FloatArray): void {
  if (beta === 1) return;
  for (let r = 0; r < m; r++) {
    const start = r * ldc;
    for (let i = start; i < start + n; i++) c[i] = beta === 0 ? 0 : beta * c[i];
  }
}

/**
 * C = activation(alpha op(A) op(B) + beta C + bias), row-major, op(A) m x k and op(B) k x n. `transA`, `transB` and
 * `biased` are 0 or 1, `activation` is a place in ACTIVATIONS; bias is one row, or null where `biased` is 0.
 */
export const gemm: Gemm = (
  transA,
  transB,
  m,
  n,
  k,
  lda,
  ldb,
  ldc,
  alpha,
  beta,
  activation,
  biased,
  a,
  b,
  bias,
  c,
) => {
  scaleMatrix(m, n, ldc, beta, c);
  multiply(transA, transB, m, n, k, lda, ldb, ldc, alpha, a, b, c);
  finish(m, n, ldc, activation, biased ? bias : null, c);
};

/** The same without an epilogue, `batch` times: the next A, B and C start strideA, strideB and strideC further on. */
export const gemmBatched: GemmBatched = (
  batch,
  transA,
  transB,
  m,
  n,
  k,
  lda,
  ldb,
  ldc,
  alpha,
  beta,
  strideA,
  strideB,
  strideC,
  a,
  b,
  c,
) => {
  for (let item = 0; item < batch; item++) {
    const [fromA, fromB] = [subarray(a, item * strideA), subarray(b, item * strideB)];
    const into = subarray(c, item * strideC);
    scaleMatrix(m, n, ldc, beta, into);
    multiply(transA, transB, m, n, k, lda, ldb, ldc, alpha, fromA, fromB, into);
  }
};

/** C += alpha op(A) op(B) */
function multiply(
  transA: number,
  transB: number,
  m: number,
  n: number,
  k: number,
  lda: number,
  ldb: number,
  ldc: number,
  alpha: number,
  a: FloatArray,
  b: FloatArray,
  c: FloatArray,
): void {
  if (alpha === 0) return;
  const [rowStep, termStepA] = transA ? [1, lda] : [lda, 1];
  const [columnStep, termStepB] = transB ? [ldb, 1] : [1, ldb];
  for (let j = 0; j < n; j += BLOCK_COLUMNS) {
    const columns = Math.min(BLOCK_COLUMNS, n - j);
    for (let p = 0; p < k; p += BLOCK_TERMS) {
      const terms = Math.min(BLOCK_TERMS, k - p);
      pack(b, j * columnStep + p * termStepB, columnStep, termStepB, columns, terms, packedB);
      for (let i = 0; i < m; i += BLOCK_ROWS) {
        const rows = Math.min(BLOCK_ROWS, m - i);
        pack(a, i * rowStep + p * termStepA, rowStep, termStepA, rows, terms, packedA);
        multiplyBlock(rows, columns, terms, alpha, c, i * ldc + j, ldc);
      }
    }
  }
}
