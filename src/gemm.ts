import { kernels } from './backend/select.js';
import type { FloatArray } from './types.js';
import { checkBoolean, checkInteger, checkNumber, checkObject, show } from './validate.js';

/** See {@link gemm}. */
export interface GemmOptions {
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

/**
 * C = alpha op(A) op(B) + beta C (BLAS xGEMM), row-major, in place. All arrays have one element type.
 *
 * What is not needed is not read: C where beta is 0, A and B where alpha is 0. The same bits on every native target
 * and for any number of threads; TypeScript stays within (k + 2) roundings of the sum of the magnitudes.
 * @throws TypeError or RangeError naming the argument that does not fit; C is then unchanged.
 */
export function gemm(options: GemmOptions): void {
  checkObject('options', options);
  const { transA = false, transB = false, m, n, k, alpha = 1, a, b, beta = 0, c } = options;
  checkBoolean('transA', transA);
  checkBoolean('transB', transB);
  for (const [name, size] of Object.entries({ m, n, k })) checkInteger(name, size, 0);
  checkNumber('alpha', alpha);
  checkNumber('beta', beta);
  const lda = checkMatrix('a', a, transA ? k : m, transA ? m : k, options.lda);
  const ldb = checkMatrix('b', b, transB ? n : k, transB ? k : n, options.ldb);
  const ldc = checkMatrix('c', c, m, n, options.ldc);
  for (const [name, array] of [
    ['a', a],
    ['b', b],
  ] as const) {
    if (array.constructor !== c.constructor) {
      throw new TypeError(`${name} must be a ${c.constructor.name} as c is, got ${show(array)}`);
    }
    if (overlap(array, c)) throw new RangeError(`c must not share memory with ${name}`);
  }
  if (m === 0 || n === 0) return;
  kernels().gemm(Number(transA), Number(transB), m, n, k, lda, ldb, ldc, alpha, beta, a, b, c);
}

/** Returns the leading dimension. */
function checkMatrix(name: string, data: unknown, rows: number, columns: number, stride = columns): number {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) {
    throw new TypeError(`${name} must be a Float32Array or a Float64Array, got ${show(data)}`);
  }
  checkInteger(`ld${name}`, stride, columns);
  const least = rows === 0 || columns === 0 ? 0 : (rows - 1) * stride + columns;
  if (data.length < least) {
    throw new RangeError(`${name} must hold at least ${least} elements, got ${data.length}`);
  }
  return stride;
}

function overlap(a: FloatArray, b: FloatArray): boolean {
  return (
    a.buffer === b.buffer &&
    a.byteOffset < b.byteOffset + b.byteLength &&
    b.byteOffset < a.byteOffset + a.byteLength
  );
}
