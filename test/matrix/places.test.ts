// What the addon looks at before a kernel takes numbers for places, block after block: the first wrong one is named.
import { describe, expect, it } from 'vitest';
import { kernels, targets, useTarget } from '../../src/backend/select.js';

const initial = targets()[0] ?? 'typescript';
const native = targets().find((target) => target !== 'typescript') ?? null;

const COUNT = 2500;
const MOST = 2 ** 31 - 1;

describe.runIf(native !== null)('places', () => {
  it.each([-1, 5, MOST, -MOST - 1])('must not be %i', (wrong) => {
    useTarget(native ?? initial);
    const [source, out] = [Float32Array.of(0, 1, 2, 3, 4), new Float32Array(COUNT).fill(9)];
    for (const place of [0, 1023, 1024, COUNT - 1]) {
      const indices = Int32Array.from({ length: COUNT }, (_, i) => (i >= place ? wrong : i % 5));
      expect(() => kernels().gatherRows(COUNT, 1, 5, source, indices, out)).toThrow(
        `gatherRows: indices[${place}] must be in [0, 5), got ${wrong}`,
      );
    }
    expect(out.every((value) => value === 9)).toBe(true);
  });

  it('may be the lowest and the highest', () => {
    useTarget(native ?? initial);
    const out = new Float32Array(COUNT);
    const indices = Int32Array.from({ length: COUNT }, (_, i) => (i % 2) * 4);
    kernels().gatherRows(COUNT, 1, 5, Float32Array.of(0, 1, 2, 3, 4), indices, out);
    expect(out.every((value, i) => value === indices[i])).toBe(true);
    // A label that does not count.
    const [losses, slopes] = [new Float32Array(2), new Float32Array(4)];
    kernels().crossEntropy(2, 2, 0, new Float32Array(4), Int32Array.of(-1, 0), losses, slopes);
    expect(losses).toEqual(Float32Array.of(0, Math.LN2));
  });
});
