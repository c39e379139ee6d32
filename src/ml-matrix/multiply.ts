import type { AbstractMatrix, Matrix } from 'ml-matrix';
import { gemm } from '../backend/named.js';
import { kernels } from '../backend/select.js';

/** The product as ml-matrix has it: a new Matrix, whatever the classes of the factors. They fit together. */
export function multiply(Type: typeof Matrix, left: AbstractMatrix, right: AbstractMatrix): Matrix {
  const { rows: m, columns: k } = left;
  const n = right.columns;
  const c = new Float64Array(m * n);
  // biome-ignore format: a table
  gemm(kernels(), {
    transA: false, transB: false, m, n, k, lda: k, ldb: n, ldc: n, alpha: 1, beta: 0, activation: 'none', bias: null,
    a: elementsOf(Type, left), b: elementsOf(Type, right), c,
  });
  const product = new Type(m, n);
  const stored = rowsOf(Type, product);
  for (let i = 0; i < m; i++) {
    const row = c.subarray(i * n, (i + 1) * n);
    if (stored === null) product.setRow(i, row);
    else stored[i].set(row);
  }
  return product;
}

/** The elements row by row, in memory of their own: rows of a Matrix lie anywhere, and views compute where theirs do. */
function elementsOf(Type: typeof Matrix, matrix: AbstractMatrix): Float64Array {
  const { rows, columns } = matrix;
  const elements = new Float64Array(rows * columns);
  const stored = rowsOf(Type, matrix);
  if (stored !== null) {
    stored.forEach((row, i) => {
      elements.set(row, i * columns);
    });
    return elements;
  }
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) elements[i * columns + j] = matrix.get(i, j);
  }
  return elements;
}

/** The rows themselves, which the types of ml-matrix do not show; null where what `get` says is something else. */
function rowsOf(Type: typeof Matrix, matrix: AbstractMatrix): readonly Float64Array[] | null {
  if (!(matrix instanceof Type) || matrix.get !== Type.prototype.get || !('data' in matrix)) return null;
  const { data, columns } = matrix;
  const isRow = (row: unknown) => row instanceof Float64Array && row.length === columns;
  const isStored = Array.isArray(data) && data.length === matrix.rows && data.every(isRow);
  return isStored ? data : null;
}
