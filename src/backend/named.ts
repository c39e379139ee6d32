import type { FloatArray } from '../core/types.js';
import { ACTIVATIONS, type Activation } from './contract/activations.js';
import type { Kernels } from './contract/kernels.js';

// Kernels that take more numbers than anybody tells apart by their place, called with names. The object is taken apart where it
// is made, so that the engine need not make it.

interface Multiplication {
  /** Whether A is stored k x m. */
  readonly transA: boolean;
  /** Whether B is stored n x k. */
  readonly transB: boolean;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Elements from one stored row to the next. */
  readonly lda: number;
  readonly ldb: number;
  readonly ldc: number;
  readonly alpha: number;
  /** C is not read where it is 0. */
  readonly beta: number;
  readonly a: FloatArray;
  readonly b: FloatArray;
  readonly c: FloatArray;
}

interface Product extends Multiplication {
  readonly activation: Activation;
  /** A row of n elements, or null. */
  readonly bias: FloatArray | null;
}

interface BatchedProduct extends Multiplication {
  readonly batch: number;
  /** Elements from one matrix to the next. */
  readonly strideA: number;
  readonly strideB: number;
  readonly strideC: number;
}

const flag = (isSet: boolean) => (isSet ? 1 : 0);

/** C = activation(alpha op(A) op(B) + beta C + bias), row-major, with op(A) m x k and op(B) k x n. */
export function gemm(kernels: Kernels, product: Product): void {
  const { transA, transB, m, n, k, lda, ldb, ldc, alpha, beta, activation, a, b, bias, c } = product;
  const place = ACTIVATIONS.indexOf(activation);
  const biased = flag(bias !== null);
  // biome-ignore format: the order of the arguments
  kernels.gemm(
    flag(transA), flag(transB), m, n, k, lda, ldb, ldc, alpha, beta, place, biased, a, b, bias, c,
  );
}

/** C = alpha op(A) op(B) + beta C, `batch` times. */
export function gemmBatched(kernels: Kernels, products: BatchedProduct): void {
  const { batch, transA, transB, m, n, k, lda, ldb, ldc, alpha, beta } = products;
  const { strideA, strideB, strideC, a, b, c } = products;
  // biome-ignore format: the order of the arguments
  kernels.gemmBatched(
    batch, flag(transA), flag(transB), m, n, k, lda, ldb, ldc, alpha, beta, strideA, strideB, strideC, a, b, c,
  );
}
