// Running sums and products against plain loops.
import { describe, expect, it } from 'vitest';
import { Generator } from '../../src/array/generator.js';
import { kernels, targets, useTarget } from '../../src/backend/select.js';

const shapes = [
  [1, 5, 1],
  [3, 7, 1],
  // Lines of 16 to a square and three more, two squares and five elements long.
  [19, 37, 1],
  [2, 3, 4],
  [2, 4, 70],
  [2, 1, 3],
] as const;
const flags = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
] as const;

describe.each(targets())('%s', (target) => {
  it.each(['cumsum', 'cumprod'] as const)('%s of every line, in both directions', (kernel) => {
    useTarget(target);
    const generator = new Generator(3);
    for (const [outer, count, inner] of shapes) {
      const x = Float32Array.from({ length: outer * count * inner }, () => generator.normal());
      for (const [exclusive, reverse] of flags) {
        const out = new Float32Array(x.length);
        kernels()[kernel](outer, count, inner, exclusive, reverse, x, out);
        out.forEach((value, i) => {
          const r = Math.floor(i / inner) % count;
          const line = i - r * inner;
          // The elements before this one, or after it, the nearest last.
          const others = reverse
            ? Array.from({ length: count - 1 - r }, (_, k) => count - 1 - k)
            : Array.from({ length: r }, (_, k) => k);
          const terms = [...others, ...(exclusive ? [] : [r])].map((k) => x[line + k * inner]);
          const expected =
            kernel === 'cumsum' ? terms.reduce((a, b) => a + b, 0) : terms.reduce((a, b) => a * b, 1);
          expect(value, `${[outer, count, inner]} ${[exclusive, reverse]} ${i}`).toBe(Math.fround(expected));
        });
      }
    }
  });

  it('adds in double', () => {
    useTarget(target);
    const x = Float32Array.of(2 ** 24, 1, 1, -(2 ** 24));
    const out = new Float32Array(4);
    kernels().cumsum(1, 4, 1, 0, 0, x, out);
    expect([...out]).toEqual([2 ** 24, 2 ** 24, 2 ** 24 + 2, 2]);
  });

  it('the gradient of a running sum is that of dy the other way round', () => {
    useTarget(target);
    const [count, inner] = [4, 2];
    const size = count * inner;
    const generator = new Generator(5);
    const [x, dy] = [0, 1].map(() => Float64Array.from({ length: size }, () => generator.normal()));
    for (const [exclusive, reverse] of flags) {
      const loss = (at: Float64Array) => {
        const y = new Float64Array(size);
        kernels().cumsum(1, count, inner, exclusive, reverse, at, y);
        return y.reduce((sum, value, i) => sum + value * dy[i], 0);
      };
      const dx = new Float64Array(size);
      kernels().cumsum(1, count, inner, exclusive, 1 - reverse, dy, dx);
      for (let i = 0; i < size; i++) {
        const shifted = (step: number) => loss(x.map((value, k) => value + (k === i ? step : 0)));
        expect(dx[i]).toBeCloseTo((shifted(1e-4) - shifted(-1e-4)) / 2e-4, 8);
      }
    }
  });
});
