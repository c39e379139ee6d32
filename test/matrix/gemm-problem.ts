import { expect } from 'vitest';
import { type FloatArray, gemm } from '../../src/index.js';

export const elementTypes = [Float32Array, Float64Array];
type ArrayType = (typeof elementTypes)[number];

export interface Shape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transA: boolean;
  readonly transB: boolean;
  readonly alpha: number;
  readonly beta: number;
  /** Added to the least leading dimension of A, B and C. */
  readonly padding: number;
}

/** A problem whose numbers are given by `next`, in views with an offset inside of NaN. */
export function makeProblem(shape: Shape, Type: ArrayType, next: () => number) {
  const { m, n, k, transA, transB, padding } = shape;
  const matrix = (rows: number, columns: number) => {
    const stride = columns + padding;
    const whole = new Type(3 + rows * stride + 3).fill(NaN);
    const view: FloatArray = whole.subarray(3, 3 + Math.max(0, (rows - 1) * stride + columns));
    for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) view[r * stride + c] = next();
    return { whole, view, stride };
  };
  return {
    a: transA ? matrix(k, m) : matrix(m, k),
    b: transB ? matrix(n, k) : matrix(k, n),
    c: matrix(m, n),
  };
}

type Problem = ReturnType<typeof makeProblem>;

export function run(shape: Shape, { a, b, c }: Problem): void {
  const { padding, ...sizes } = shape;
  gemm({ ...sizes, a: a.view, lda: a.stride, b: b.view, ldb: b.stride, c: c.view, ldc: c.stride });
}

/** The product in double, and for every element the sum of the magnitudes that went into it. */
function reference({ m, n, k, transA, transB, alpha, beta }: Shape, { a, b, c }: Problem) {
  const value = new Float64Array(m * n);
  const magnitude = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      let size = 0;
      for (let p = 0; p < k; p++) {
        const x = a.view[transA ? p * a.stride + i : i * a.stride + p];
        const y = b.view[transB ? j * b.stride + p : p * b.stride + j];
        sum += x * y;
        size += Math.abs(x * y);
      }
      const old = beta === 0 ? 0 : beta * c.view[i * c.stride + j];
      value[i * n + j] = (alpha === 0 ? 0 : alpha * sum) + old;
      magnitude[i * n + j] = Math.abs(alpha) * size + Math.abs(old);
    }
  }
  return { value, magnitude };
}

/** Integers of at most 8 in magnitude: every product and sum is exact, so any order gives the same result. */
export function integers(): () => number {
  let state = 12345;
  return () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * 17) - 8;
  };
}

export function fractions(): () => number {
  const next = integers();
  return () => next() / 7 + next() / 9001;
}

const bytesOf = ({ buffer }: FloatArray) => Buffer.from(buffer).toString('latin1');

export function checkProblem(shape: Shape, Type: ArrayType, next: () => number, tolerance: number): void {
  const problem = makeProblem(shape, Type, next);
  if (shape.beta === 0) problem.c.view.fill(NaN);
  const expected = reference(shape, problem);
  const inputs = [problem.a.whole, problem.b.whole].map(bytesOf);
  run(shape, problem);
  const { m, n } = shape;
  const { whole, view, stride } = problem.c;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const error = Math.abs(view[i * stride + j] - expected.value[i * n + j]);
      if (!(error <= tolerance * expected.magnitude[i * n + j])) {
        expect(view[i * stride + j], `C[${i}][${j}]`).toBe(expected.value[i * n + j]);
      }
    }
  }
  expect([problem.a.whole, problem.b.whole].map(bytesOf)).toEqual(inputs);
  const isInside = (e: number) => e >= 0 && e < m * stride && e % stride < n;
  expect(whole.every((x, e) => isInside(e - 3) || Number.isNaN(x))).toBe(true);
}
