import { bufferOf, rangeOf } from '../../../core/float-arrays.js';
import type { FromHalf, ToHalf } from '../../contract/arguments.js';

// float32 from and to bfloat16 and IEEE 754's binary16, whose two bytes are little-endian. The two agree bit for bit.
// Mirror: native/matrix/half.h.

const INFINITY = 0x7f80_0000;
const QUIET = 0x0040_0000;

const one = new Float32Array(1);
const bitsOfOne = new Uint32Array(one.buffer);

function bitsOf(x: number): number {
  one[0] = x;
  return bitsOfOne[0];
}

function numberOf(bits: number): number {
  bitsOfOne[0] = bits;
  return one[0];
}

/** The bits of an array: a number of it may lose those of a NaN on the way. */
function bits(array: Float32Array): Uint32Array {
  return new Uint32Array(bufferOf(array), rangeOf(array).begin, array.length);
}

function to(half: (bits: number) => number): ToHalf {
  return (n, x, out) => {
    const from = bits(x);
    for (let i = 0; i < n; i++) {
      const h = half(from[i]);
      out[2 * i] = h & 255;
      out[2 * i + 1] = h >> 8;
    }
  };
}

function from(single: (half: number) => number): FromHalf {
  return (n, x, out) => {
    const into = bits(out);
    for (let i = 0; i < n; i++) into[i] = single(x[2 * i] | (x[2 * i + 1] << 8));
  };
}

/** The nearest bfloat16, halfway to even. */
export const toBFloat16 = to((x) => {
  if ((x & 0x7fff_ffff) > INFINITY) return (x | QUIET) >>> 16;
  return ((x + 0x7fff + ((x >>> 16) & 1)) >>> 16) & 0xffff;
});

export const fromBFloat16 = from((half) => {
  const x = half << 16;
  return (x & 0x7fff_ffff) > INFINITY ? x | QUIET : x;
});

/** The nearest binary16, halfway to even; infinite from 65520 on. */
export const toFloat16 = to((given) => {
  const x = given & 0x7fff_ffff;
  const sign = (given >>> 16) & 0x8000;
  if (x > INFINITY) return sign | 0x7e00 | ((x >> 13) & 0x3ff);
  if (x >= 0x477f_f000) return sign | 0x7c00;
  // Below 2^-14 a unit of the last place is 2^-24, as it is of 0.5 in float32.
  if (x < 0x3880_0000) return sign | (bitsOf(numberOf(x) + 0.5) - 0x3f00_0000);
  return sign | ((x - (112 << 23) + 0xfff + ((x >> 13) & 1)) >> 13);
});

export const fromFloat16 = from((half) => {
  const x = half & 0x7fff;
  const sign = (half & 0x8000) << 16;
  if (x < 0x400) return sign | bitsOf(x * 2 ** -24);
  if (x < 0x7c00) return sign | ((x << 13) + (112 << 23));
  return sign | INFINITY | (x << 13) | (x > 0x7c00 ? QUIET : 0);
});
