import { subarray } from '../../../core/float-arrays.js';
import type { FloatArray } from '../../../core/types.js';
import { ACTIVATIONS } from '../../contract/activations.js';
import {
  geluForward,
  geluTanhForward,
  reluForward,
  sigmoidForward,
  siluForward,
  tanhForward,
} from './unary.js';

// What happens to C once it is complete. Mirror: native/matrix/gemm-epilogue.h.

const apply = {
  none: () => {},
  relu: reluForward,
  tanh: tanhForward,
  sigmoid: sigmoidForward,
  silu: siluForward,
  gelu: geluForward,
  geluTanh: geluTanhForward,
};

/** C = activation(C + bias), row by row. */
export function finish(
  m: number,
  n: number,
  ldc: number,
  activation: number,
  bias: FloatArray | null,
  c: FloatArray,
): void {
  if (bias === null && activation === 0) return;
  const activate = apply[ACTIVATIONS[activation]];
  for (let start = 0; start < m * ldc; start += ldc) {
    if (bias !== null) for (let i = 0; i < n; i++) c[start + i] += bias[i];
    const row = subarray(c, start, start + n);
    activate(n, row, row);
  }
}
