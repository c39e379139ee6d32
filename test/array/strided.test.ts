// Copies between regions: of few elements by a loop, of more by the kernel, of more dimensions than it takes by both.
import { describe, expect, it } from 'vitest';
import { copyRegion, FEW, stepsOf } from '../../src/array/strided.js';
import { targets, useTarget } from '../../src/index.js';

/** Each index of dimensions of these sizes, the last one fastest. */
function* indices(sizes: readonly number[]): Generator<readonly number[]> {
  const [size, ...inner] = sizes;
  if (size === undefined) yield [];
  else for (let i = 0; i < size; i++) for (const rest of indices(inner)) yield [i, ...rest];
}

const at = (start: number, steps: readonly number[], index: readonly number[]) =>
  index.reduce((place, i, d) => place + i * steps[d], start);

describe.each(targets())('a copy of a region on %s', (target) => {
  it.each([
    [[7]],
    [[FEW]],
    [[FEW + 1]],
    [[8, 16]],
    [[9, 16]],
    [[3, 5, 4, 2]],
    [[3, 5, 4, 3]],
    [[2, 2, 2, 2, 2, 2]],
    [[2, 3, 2, 3, 2, 3]],
    [[2, 1, 3, 2, 4, 1, 5, 2]],
  ])('of sizes %j is its definition', (sizes) => {
    useTarget(target);
    // Every second dimension backwards or repeated, and between elements of the result others that stay.
    const steps = stepsOf(sizes);
    const from = steps.map((step, d) => (d % 4 === 1 ? -step : d % 4 === 3 ? 0 : step));
    const to = stepsOf([...sizes, 2]).slice(0, -1);
    const start = from.reduce((sum, step, d) => sum + (step < 0 ? -step * (sizes[d] - 1) : 0), 0);
    const size = sizes.reduce((product, length) => product * length, 1);
    const x = Float32Array.from({ length: size }, (_, i) => i + 1);
    const [out, expected] = [new Float32Array(2 * size + 3), new Float32Array(2 * size + 3)];
    for (const index of indices(sizes)) expected[at(3, to, index)] = x[at(start, from, index)];
    copyRegion(sizes, { array: x, start, steps: from }, { array: out, start: 3, steps: to });
    expect(out).toEqual(expected);
  });
});
