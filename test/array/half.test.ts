import { describe, expect, it } from 'vitest';
import { fromBFloat16, fromFloat16, targets, toBFloat16, toFloat16, useTarget } from '../../src/index.js';

// Against the definitions, in double: every number of 16 bits, every point halfway between two of them, and its neighbours.

const formats = [
  { name: 'bfloat16', to: toBFloat16, from: fromBFloat16, mantissa: 7, bias: 127 },
  { name: 'float16', to: toFloat16, from: fromFloat16, mantissa: 10, bias: 15 },
] as const;

const ALL = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i);

/** What the bits mean. */
function meaning(bits: number, mantissa: number, bias: number): number {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits & 0x7fff) >> mantissa;
  const rest = bits & ((1 << mantissa) - 1);
  if (exponent === 2 * bias + 1) return rest === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  const magnitude =
    exponent === 0
      ? rest * 2 ** (1 - bias - mantissa)
      : (rest + 2 ** mantissa) * 2 ** (exponent - bias - mantissa);
  return sign * magnitude;
}

const bitsOf = (x: Float32Array) => new Uint32Array(x.buffer, x.byteOffset, x.length);

describe.each(targets())('on %s', (target) => {
  describe.each(formats)('$name', ({ to, from, mantissa, bias }) => {
    const infinity = meaning(0, mantissa, bias) + ((2 * bias + 1) << mantissa);
    const quiet = 1 << (mantissa - 1);
    const isNan = (bits: number) => (bits & 0x7fff) > infinity;

    it('is widened exactly, and comes back', () => {
      useTarget(target);
      const wide = from(ALL);
      const back = to(wide);
      const wrong = ALL.filter(
        (bits) =>
          !Object.is(wide[bits], meaning(bits, mantissa, bias)) ||
          back[bits] !== (isNan(bits) ? bits | quiet : bits),
      );
      expect([...wrong]).toEqual([]);
      expect(bitsOf(wide).filter((x) => (x & 0x7fff_ffff) > 0x7f80_0000 && (x & 0x0040_0000) === 0)).toEqual(
        Uint32Array.of(),
      );
    });

    it('is the nearest, halfway to even', () => {
      useTarget(target);
      // Between finite neighbours, the last one being what would follow the largest number.
      const lower = ALL.filter((bits) => (bits & 0x7fff) < infinity);
      const next = (bits: number) => ((bits & 0x7fff) + 1 === infinity ? null : bits + 1);
      const halfway = Float32Array.from(lower, (bits) => {
        const [x, before] = [meaning(bits, mantissa, bias), meaning(bits - 1, mantissa, bias)];
        const above = next(bits);
        return above === null ? x + (x - before) / 2 : (x + meaning(above, mantissa, bias)) / 2;
      });
      const [below, above] = [-1, 1].map((step) => {
        const moved = new Float32Array(halfway);
        const bits = bitsOf(moved);
        for (let i = 0; i < bits.length; i++) bits[i] += step;
        return to(moved);
      });
      const rounded = to(halfway);
      const wrong = [...lower.keys()].filter((i) => {
        const [bits, even] = [lower[i], lower[i] + (lower[i] & 1)];
        return below[i] !== bits || rounded[i] !== even || above[i] !== bits + 1;
      });
      expect(wrong).toEqual([]);
    });

    it('has its limits', () => {
      useTarget(target);
      const numbers = [
        0,
        -0,
        1e-45,
        -1e-45,
        3.4028234663852886e38,
        -3.4e38,
        Number.POSITIVE_INFINITY,
        65519.996,
        65520,
      ];
      const wanted = numbers.map((x) => {
        const one = Math.abs(Math.fround(x));
        const sign = Object.is(x, -0) || x < 0 ? 0x8000 : 0;
        if (mantissa === 7)
          return (
            sign | (one < 1e-40 ? 0 : one === Number.POSITIVE_INFINITY || one > 3.395e38 ? infinity : 0x4780)
          );
        return sign | (one < 2 ** -25 ? 0 : one < 65520 ? infinity - 1 : infinity);
      });
      expect([...to(Float32Array.from(numbers))]).toEqual(wanted);
    });

    it('takes any length and offset, and keeps the bits of a NaN that fit', () => {
      useTarget(target);
      const memory = from(ALL.subarray(0x1000, 0x1000 + 20_010));
      for (const n of [0, 1, 7, 16, 33, 255, 4099, 20_001]) {
        for (const offset of [0, 1, 3]) {
          const part = memory.subarray(offset, offset + Math.min(n, memory.length - offset));
          const narrow = to(part);
          expect(narrow).toEqual(ALL.slice(0x1000 + offset, 0x1000 + offset + part.length));
          expect(bitsOf(from(narrow))).toEqual(bitsOf(part.slice()));
        }
      }
      const nans = new Float32Array(Uint32Array.of(0x7f80_0001, 0xff80_0001, 0x7fff_ffff).buffer);
      const [a, b, c] = to(nans);
      expect([a, b, c]).toEqual([infinity | quiet, 0x8000 | infinity | quiet, 0x7fff]);
    });
  });
});

it('refuses what is no array of the type', () => {
  for (const convert of [toBFloat16, toFloat16]) {
    // @ts-expect-error a Float64Array
    expect(() => convert(new Float64Array(1))).toThrow('x must be a Float32Array, got Float64Array');
  }
  for (const convert of [fromBFloat16, fromFloat16]) {
    // @ts-expect-error a list
    expect(() => convert([1])).toThrow('x must be a Uint16Array, got ');
  }
});
