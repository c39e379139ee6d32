import { settledArray } from '../backend/stream.js';
import type { FloatArray } from '../core/types.js';
import type { SharedScratch } from './pass.js';
import { multiply } from './products.js';

/** Rows that are taken one by one, against each other; products of matrices take the rows before away. */
const BLOCK = 32;

/**
 * Gram and Schmidt's process in place: rows of the same spans, orthogonal and of norm 1. Each is projected twice, which is enough
 * (Giraud et al. 2005, https://doi.org/10.1007/s00211-005-0615-4). Rows must be independent to 1e-12 or so of their norm.
 * @param a n x n, float64.
 */
export function orthonormalRows(a: FloatArray, n: number, scratch: SharedScratch): void {
  for (let begin = 0; begin < n; begin += BLOCK) {
    const rows = Math.min(BLOCK, n - begin);
    const block = { array: a.subarray(begin * n, (begin + rows) * n), rows, columns: n };
    for (let pass = 0; pass < 2; pass++) {
      if (begin > 0) {
        const done = { array: a.subarray(0, begin * n), rows: begin, columns: n };
        const shares = { array: scratch.of('shares', a, rows * begin), rows, columns: begin };
        multiply(block, { ...done, isTransposed: true }, shares.array);
        multiply(shares, done, block.array, -1, 1);
      }
      const elements = settledArray(block.array);
      for (let i = 0; i < rows; i++) takeRow(elements, i, n);
    }
  }
}

/** Takes the rows before away from row i, and divides it by its norm. */
function takeRow(a: FloatArray, i: number, n: number): void {
  for (let j = 0; j < i; j++) {
    const share = dotOfRows(a, i, j, n);
    for (let k = 0; k < n; k++) a[i * n + k] -= share * a[j * n + k];
  }
  const norm = Math.sqrt(dotOfRows(a, i, i, n));
  for (let k = 0; k < n; k++) a[i * n + k] /= norm;
}

function dotOfRows(a: FloatArray, i: number, j: number, n: number): number {
  let sum = 0;
  for (let k = 0; k < n; k++) sum += a[i * n + k] * a[j * n + k];
  return sum;
}
