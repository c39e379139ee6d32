// Results larger than the caches are written past them: the bytes that a plain loop moves, whatever the lines begin with.
import { describe, expect, it } from 'vitest';
import { kernels, targets, useTarget } from '../../src/backend/select.js';
import { bytesOf } from './elements.js';

type Array32 = Int32Array<ArrayBuffer>;
const numbers = (length: number): Array32 => Int32Array.from({ length }, (_, i) => Math.imul(i, 2654435761));

// 8 MB and a little, in rows of no whole number of lines.
const [rows, columns] = [1033, 2051];
const size = rows * columns;
const x = numbers(size);

/** Element (r, c) of a result [height, width], of which nothing else is written. */
function result(height: number, width: number, at: (r: number, c: number) => number): Array32 {
  const out = new Int32Array(height * (width + 3) + 1);
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width; c++) out[1 + r * (width + 3) + c] = at(r, c);
  }
  return out;
}

const copies = {
  rows: [[columns, 1], 0],
  'rows turned around': [[-columns, -1], size - 1],
  'one row again and again': [[0, 1], 0],
  'numbers again and again': [[columns, 0], 0],
  'every row from the last on': [[-columns, 1], size - columns],
} satisfies Record<string, [steps: [number, number], start: number]>;

describe.each(targets())('on %s', (target) => {
  it.each(Object.entries(copies))('copies %s', (_, [[down, right], start]) => {
    useTarget(target);
    const out = new Int32Array(rows * (columns + 3) + 1);
    kernels().copyStrided(1, 1, rows, columns, start, 0, 0, down, right, 1, 0, 0, columns + 3, 1, x, out);
    const expected = result(rows, columns, (r, c) => x[start + r * down + c * right]);
    expect(Buffer.compare(bytesOf(out), bytesOf(expected))).toBe(0);
  });

  // The order 6 of four dimensions is 1, 0, 2, 3; 1 is 0, 1, 3, 2.
  it.each([1, 0])('permutes, floats: %i', (isFloat) => {
    useTarget(target);
    const source = isFloat ? Float32Array.from(x) : x;
    const bits = new Int32Array(source.buffer);
    const out = isFloat ? new Float32Array(size + 3) : new Int32Array(size + 3);
    kernels().permute(1, 1, 1, rows, columns, source, out.subarray(3));
    const expected = new Int32Array(size + 3);
    for (let c = 0, i = 3; c < columns; c++) {
      for (let r = 0; r < rows; r++) expected[i++] = bits[r * columns + c];
    }
    expect(Buffer.compare(bytesOf(out), bytesOf(expected))).toBe(0);
    kernels().permute(6, 1, rows, 1, columns, source, out.subarray(3));
    expect(Buffer.compare(bytesOf(out.subarray(3)), bytesOf(bits))).toBe(0);
  });
});
