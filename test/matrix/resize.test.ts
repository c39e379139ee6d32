// Resizing against TensorFlow's definition, written out for one output; its gradient against the function, which is linear.
import { describe, expect, it } from 'vitest';
import { Generator } from '../../src/array/generator.js';
import { kernels, targets, useTarget } from '../../src/backend/select.js';

type Sizes = readonly [
  batch: number,
  inHeight: number,
  inWidth: number,
  outHeight: number,
  outWidth: number,
  channels: number,
];
const shapes: readonly Sizes[] = [
  [1, 1, 1, 3, 2, 1],
  [2, 3, 4, 6, 8, 1],
  [1, 4, 3, 7, 5, 3],
  [1, 5, 6, 2, 1, 3],
  [1, 9, 12, 4, 5, 1],
  [2, 2, 3, 5, 4, 9],
  [1, 5, 5, 5, 5, 2],
];
const flags = [
  [0, 0],
  [1, 0],
  [0, 1],
] as const;
const methods = ['Bilinear', 'Nearest'] as const;

/** Where output `place` is among `size` pixels. */
function source(
  method: (typeof methods)[number],
  place: number,
  size: number,
  outputs: number,
  align: number,
  half: number,
) {
  const ratio = align && outputs > 1 ? (size - 1) / (outputs - 1) : size / outputs;
  if (method === 'Nearest') return half ? ratio * (place + 0.5) : ratio * place;
  return half ? ratio * (place + 0.5) - 0.5 : ratio * place;
}

function expectedAt(
  method: (typeof methods)[number],
  x: Float64Array,
  [, inHeight, inWidth, outHeight, outWidth, channels]: Sizes,
  [align, half]: readonly number[],
  [image, row, column, channel]: readonly number[],
): number {
  const pixel = (r: number, c: number) => {
    const [clampedRow, clampedColumn] = [
      Math.min(Math.max(r, 0), inHeight - 1),
      Math.min(Math.max(c, 0), inWidth - 1),
    ];
    return x[((image * inHeight + clampedRow) * inWidth + clampedColumn) * channels + channel];
  };
  const down = source(method, row, inHeight, outHeight, align, half);
  const across = source(method, column, inWidth, outWidth, align, half);
  if (method === 'Nearest') {
    const whole = align ? Math.round : Math.floor;
    return pixel(whole(down), whole(across));
  }
  const [r, c] = [Math.floor(down), Math.floor(across)];
  const [below, right] = [down - r, across - c];
  const top = pixel(r, c) * (1 - right) + pixel(r, c + 1) * right;
  const bottom = pixel(r + 1, c) * (1 - right) + pixel(r + 1, c + 1) * right;
  return top * (1 - below) + bottom * below;
}

describe.each(targets())('%s', (target) => {
  it.each(methods)('resize%s: the pixels that TensorFlow takes', (method) => {
    useTarget(target);
    const generator = new Generator(1);
    for (const sizes of shapes) {
      const [batch, inHeight, inWidth, outHeight, outWidth, channels] = sizes;
      const x = Float64Array.from({ length: batch * inHeight * inWidth * channels }, () =>
        generator.normal(),
      );
      for (const [align, half] of flags) {
        const y = new Float64Array(batch * outHeight * outWidth * channels);
        kernels()[`resize${method}Forward`](...sizes, align, half, x, y);
        y.forEach((value, i) => {
          const channel = i % channels;
          const column = Math.floor(i / channels) % outWidth;
          const row = Math.floor(i / channels / outWidth) % outHeight;
          const image = Math.floor(i / channels / outWidth / outHeight);
          const wanted = expectedAt(method, x, sizes, [align, half], [image, row, column, channel]);
          expect(value, `${sizes} ${[align, half]} ${i}`).toBeCloseTo(wanted, 12);
        });
      }
    }
  });

  it.each(methods)('resize%s: the gradient is the transpose of the function', (method) => {
    useTarget(target);
    const generator = new Generator(2);
    for (const sizes of shapes) {
      const [batch, inHeight, inWidth, outHeight, outWidth, channels] = sizes;
      const [sizeX, sizeY] = [batch * inHeight * inWidth * channels, batch * outHeight * outWidth * channels];
      const dy = Float64Array.from({ length: sizeY }, () => generator.normal());
      for (const [align, half] of flags) {
        const dx = new Float64Array(sizeX);
        kernels()[`resize${method}Backward`](...sizes, align, half, 0, dy, dx);
        const more = new Float64Array(sizeX).fill(1);
        kernels()[`resize${method}Backward`](...sizes, align, half, 1, dy, more);
        const [unit, y] = [new Float64Array(sizeX), new Float64Array(sizeY)];
        // The function is linear: a difference is its value for a unit.
        for (let i = 0; i < sizeX; i++) {
          unit.fill(0);
          unit[i] = 1;
          kernels()[`resize${method}Forward`](...sizes, align, half, unit, y);
          const wanted = y.reduce((sum, value, k) => sum + value * dy[k], 0);
          expect(dx[i], `${sizes} ${[align, half]} ${i}`).toBeCloseTo(wanted, 12);
          expect(more[i], `${sizes} ${[align, half]} ${i}`).toBeCloseTo(wanted + 1, 12);
        }
      }
    }
  });

  // tf.image.resizeBilinear of TensorFlow.js 4.22, of 2 x 2 pixels to 3 x 3.
  it('gives the numbers of TensorFlow.js', () => {
    useTarget(target);
    const x = Float32Array.of(1, 2, 3, 4);
    const resize = (align: number, half: number) => {
      const y = new Float32Array(9);
      kernels().resizeBilinearForward(1, 2, 2, 3, 3, 1, align, half, x, y);
      return [...y].map((value) => Math.round(value * 1e6) / 1e6);
    };
    expect(resize(1, 0)).toEqual([1, 1.5, 2, 2, 2.5, 3, 3, 3.5, 4]);
    expect(resize(0, 0)).toEqual([1, 1.666667, 2, 2.333333, 3, 3.333333, 3, 3.666667, 4]);
    expect(resize(0, 1)).toEqual([1, 1.5, 2, 2, 2.5, 3, 3, 3.5, 4]);
  });
});
