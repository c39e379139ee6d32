import type { ElementArray } from '../../../core/types.js';
import type { CopyStrided } from '../../contract/arguments.js';

// Elements moved to other places, bit for bit. Mirror: native/matrix/copy-strided.h.

/** From here on a run costs less as a whole than element by element. */
const LONG = 32;

/** The bits of the elements: a number in its own type may come out as another NaN. */
export function bitsOf(array: ElementArray): Int32Array | Uint8Array {
  if (array instanceof Int32Array || array instanceof Uint8Array) return array;
  const words = array.BYTES_PER_ELEMENT / Int32Array.BYTES_PER_ELEMENT;
  return new Int32Array(array.buffer, array.byteOffset, words * array.length);
}

/** out[outStart + the sum of i_d out_d] = x[xStart + the sum of i_d x_d] */
// biome-ignore format: two lists of strides
export const copyStrided: CopyStrided<ElementArray> = (
  n0, n1, n2, n3, xStart, x0, x1, x2, x3, outStart, out0, out1, out2, out3, x, out,
) => {
  const [source, target] = [bitsOf(x), bitsOf(out)];
  const words = out instanceof Float64Array ? 2 : 1;
  const isRun = x3 === 1 && out3 === 1 && n3 >= LONG;
  for (let i0 = 0; i0 < n0; i0++) {
    for (let i1 = 0; i1 < n1; i1++) {
      for (let i2 = 0; i2 < n2; i2++) {
        const from = words * (xStart + i0 * x0 + i1 * x1 + i2 * x2);
        const to = words * (outStart + i0 * out0 + i1 * out1 + i2 * out2);
        if (isRun) {
          target.set(source.subarray(from, from + words * n3), to);
          continue;
        }
        for (let w = 0; w < words; w++) {
          for (let i3 = 0; i3 < n3; i3++) {
            target[to + words * i3 * out3 + w] = source[from + words * i3 * x3 + w];
          }
        }
      }
    }
  }
};
