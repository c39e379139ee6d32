import { type DType, zeros } from '../../core/dtypes.js';

/** The numbers of an element type next to x, rounded to it: all between them and the ends of an interval is inside of it. */
export function neighbours(dtype: DType, x: number): { readonly below: number; readonly above: number } {
  const [rounded] = zeros(dtype, 1).fill(x);
  return { below: -nextAbove(dtype, -rounded), above: nextAbove(dtype, rounded) };
}

function nextAbove(dtype: DType, x: number): number {
  const one = zeros(dtype, 1).fill(x === 0 ? 0 : x);
  // The bits of floats are in the order of their magnitude.
  const step = x < 0 ? -1 : 1;
  if (one instanceof Float32Array) new Int32Array(one.buffer)[0] += step;
  else new BigInt64Array(one.buffer)[0] += BigInt(step);
  return one[0];
}
