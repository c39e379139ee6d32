import { ACTIVATIONS, type Activation } from '../backend/contract/activations.js';
import * as named from '../backend/named.js';
import { kernels } from '../backend/select.js';
import { overlap } from '../core/float-arrays.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import type { FloatArray } from '../core/types.js';
import { checkBoolean, checkInteger, checkNumber, checkOneOf } from '../core/validate.js';
import { checkFloats, checkSameType } from './operands.js';

interface Multiplication {
  /** Take A transposed: it is then stored k x m. Default false. */
  transA?: boolean;
  /** Take B transposed: it is then stored n x k. Default false. */
  transB?: boolean;
  /** Rows of op(A) and of C. */
  m: number;
  /** Columns of op(B) and of C. */
  n: number;
  /** Columns of op(A), rows of op(B). */
  k: number;
  /** Default 1. */
  alpha?: number;
  a: FloatArray;
  /** Elements from one stored row of A to the next. Default: its columns. */
  lda?: number;
  b: FloatArray;
  /** Elements from one stored row of B to the next. Default: its columns. */
  ldb?: number;
  /** Default 0. */
  beta?: number;
  c: FloatArray;
  /** Elements from one row of C to the next. Default: n. */
  ldc?: number;
}

/** See {@link gemm}. */
export interface GemmOptions extends Multiplication {
  /** A row of n elements that is added to every row of C. Default: none. */
  bias?: FloatArray | null;
  /** What is applied to C in the end. Default 'none'. */
  activation?: Activation;
}

/** See {@link gemmBatched}. */
export interface GemmBatchedOptions extends Multiplication {
  /** How many products. */
  batch: number;
  /** Elements from the start of one A to that of the next; 0 to use one A for all. Default: the elements of A. */
  strideA?: number;
  /** The same for B. */
  strideB?: number;
  /** The same for C, at least the elements of C: no C may meet another. */
  strideC?: number;
}

const MULTIPLICATION: OptionNames<Multiplication> = {
  transA: true,
  transB: true,
  m: true,
  n: true,
  k: true,
  alpha: true,
  a: true,
  lda: true,
  b: true,
  ldb: true,
  beta: true,
  c: true,
  ldc: true,
};
const GEMM: OptionNames<GemmOptions> = { ...MULTIPLICATION, bias: true, activation: true };
const GEMM_BATCHED: OptionNames<GemmBatchedOptions> = {
  ...MULTIPLICATION,
  batch: true,
  strideA: true,
  strideB: true,
  strideC: true,
};

/**
 * C = activation(alpha op(A) op(B) + beta C + bias): BLAS's xGEMM, row-major, in place, and a layer of a network in one
 * pass. All arrays have one element type.
 *
 * What is not needed is not read: C where beta is 0, A and B where alpha is 0. The same bits on every native target
 * and for any number of threads, and the same as a product, a sum and an activation one after the other; TypeScript
 * stays within (k + 2) roundings of the sum of the magnitudes, before the activation.
 * @throws TypeError or RangeError naming the argument that does not fit; C is then unchanged.
 */
export function gemm(options: GemmOptions): void {
  checkOptions('gemm', options, GEMM);
  const { transA, transB, m, n, k, lda, ldb, ldc, alpha, beta, a, b, c } = readMultiplication(options);
  const { bias = null, activation = 'none' } = options;
  checkHolds('a', a, transA ? k : m, transA ? m : k, lda);
  checkHolds('b', b, transB ? n : k, transB ? k : n, ldb);
  checkHolds('c', c, m, n, ldc);
  if (!ACTIVATIONS.includes(activation)) checkOneOf('activation', activation, ACTIVATIONS);
  if (bias !== null) {
    checkFloats('bias', bias);
    checkSameType('bias', bias, c);
    checkHolds('bias', bias, 1, n, n);
    checkKept(c, 'bias', bias);
  }
  if (m === 0 || n === 0) return;
  named.gemm(kernels(), { transA, transB, m, n, k, lda, ldb, ldc, alpha, beta, activation, a, b, bias, c });
}

/**
 * The product of {@link gemm} for a batch of matrices of one shape that lie at equal distances.
 *
 * @throws TypeError or RangeError naming the argument that does not fit; C is then unchanged.
 */
export function gemmBatched(options: GemmBatchedOptions): void {
  checkOptions('gemmBatched', options, GEMM_BATCHED);
  const { transA, transB, m, n, k, lda, ldb, ldc, alpha, beta, a, b, c } = readMultiplication(options);
  const { batch } = options;
  const sizeA = extent(transA ? k : m, transA ? m : k, lda);
  const sizeB = extent(transB ? n : k, transB ? k : n, ldb);
  const sizeC = extent(m, n, ldc);
  const { strideA = sizeA, strideB = sizeB, strideC = sizeC } = options;
  checkInteger('batch', batch, 0);
  checkInteger('strideA', strideA, 0);
  checkInteger('strideB', strideB, 0);
  checkInteger('strideC', strideC, batch > 1 ? sizeC : 0);
  checkHolds('a', a, batch, sizeA, strideA);
  checkHolds('b', b, batch, sizeB, strideB);
  checkHolds('c', c, batch, sizeC, strideC);
  if (batch === 0 || m === 0 || n === 0) return;
  // biome-ignore format: as it is read
  named.gemmBatched(kernels(), {
    batch, transA, transB, m, n, k, lda, ldb, ldc, alpha, beta, strideA, strideB, strideC, a, b, c,
  });
}

/** The options of one product, complete, and what can be checked of them without the lengths of the arrays. */
function readMultiplication(options: Multiplication) {
  const { transA = false, transB = false, m, n, k, alpha = 1, beta = 0, a, b, c } = options;
  const { lda = transA ? m : k, ldb = transB ? k : n, ldc = n } = options;
  checkBoolean('transA', transA);
  checkBoolean('transB', transB);
  checkInteger('m', m, 0);
  checkInteger('n', n, 0);
  checkInteger('k', k, 0);
  checkNumber('alpha', alpha);
  checkNumber('beta', beta);
  checkInteger('lda', lda, transA ? m : k);
  checkInteger('ldb', ldb, transB ? k : n);
  checkInteger('ldc', ldc, n);
  checkFloats('a', a);
  checkFloats('b', b);
  checkFloats('c', c);
  checkSameType('a', a, c);
  checkSameType('b', b, c);
  checkKept(c, 'a', a);
  checkKept(c, 'b', b);
  return { transA, transB, m, n, k, lda, ldb, ldc, alpha, beta, a, b, c };
}

/** What is read must not be overwritten. */
function checkKept(c: FloatArray, name: string, input: FloatArray): void {
  if (overlap(c, input)) throw new RangeError(`c must not share memory with ${name}`);
}

/** Elements from the first to the last one of a matrix whose rows start `stride` elements apart. */
function extent(rows: number, columns: number, stride: number): number {
  return rows === 0 || columns === 0 ? 0 : (rows - 1) * stride + columns;
}

function checkHolds(name: string, array: FloatArray, rows: number, columns: number, stride: number): void {
  const least = extent(rows, columns, stride);
  if (array.length < least) {
    throw new RangeError(`${name} must hold at least ${least} elements, got ${array.length}`);
  }
}
