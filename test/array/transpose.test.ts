import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { permute, targets, transpose, useTarget } from '../../src/index.js';

const fastest = targets()[0] ?? 'typescript';

/** The definition: element (i, j, ...) of the result is element (i, j, ...)[axes] of x. */
function permuted(x: ArrayLike<number>, shape: readonly number[], axes: readonly number[]): number[] {
  const step = (axis: number) => shape.slice(axis + 1).reduce((product, length) => product * length, 1);
  const starts = axes.reduce<number[]>(
    (starts, axis) =>
      starts.flatMap((start) => Array.from({ length: shape[axis] }, (_, i) => start + i * step(axis))),
    [0],
  );
  return starts.map((start) => x[start]);
}

const cases = fc
  .array(fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constantFrom(0, 17, 33)), { minLength: 0, maxLength: 7 })
  // The definition goes through the others before it comes to a dimension of length 0.
  .filter((shape) => shape.reduce((product, length) => product * Math.max(1, length), 1) <= 20_000)
  .chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      fc.shuffledSubarray(
        shape.map((_, d) => d),
        { minLength: shape.length },
      ),
    ),
  );

describe.each([...new Set([fastest, 'typescript'])])('on %s', (target) => {
  it('permute is its definition for any shape and order', () => {
    useTarget(target);
    const property = fc.property(cases, fc.boolean(), ([shape, axes], double) => {
      const size = shape.reduce((product, length) => product * length, 1);
      const x = new (double ? Float64Array : Float32Array)(size).map((_, i) => i);
      expect([...permute(x, { shape, axes })]).toEqual(permuted(x, shape, axes));
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('permutes five and more dimensions', () => {
    useTarget(target);
    const shape = [2, 3, 4, 5, 6, 2];
    const x = Float32Array.from({ length: 1440 }, (_, i) => i);
    for (const axes of [
      [5, 4, 3, 2, 1, 0],
      [4, 2, 0, 5, 3, 1],
      [1, 0, 3, 2, 5, 4],
      [-1, 0, -2, 1, -3, 2],
    ]) {
      const counted = axes.map((axis) => (axis < 0 ? axis + 6 : axis));
      expect([...permute(x, { shape, axes })]).toEqual(permuted(x, shape, counted));
    }
  });

  it.each([
    [1, 1],
    [3, 5],
    [16, 16],
    [64, 65],
    [33, 100],
  ])('transpose, %i x %i', (rows, columns) => {
    useTarget(target);
    for (const Type of [Float32Array, Float64Array]) {
      const x = new Type(Array.from({ length: 2 * rows * columns }, (_, i) => i));
      const out = new Type(x.length);
      expect(transpose(x, { shape: [2, rows, columns], out })).toBe(out);
      expect([...out]).toEqual(permuted(x, [2, rows, columns], [0, 2, 1]));
    }
  });
});

it('refuse what does not fit', () => {
  const six = new Float32Array(6);
  const run = (f: (...args: never[]) => unknown, ...args: unknown[]) => {
    try {
      return Reflect.apply(f, null, args);
    } catch (error) {
      return String(error);
    }
  };
  const shape = [2, 3];
  expect(run(permute, six, { shape })).toMatch(
    /^TypeError: axes must be an array of dimensions, got undefined/,
  );
  for (const axes of [[0], [0, 0], [0, 2], [1, -1], [0, '1'], [0.5, 1]]) {
    expect(run(permute, six, { shape, axes })).toMatch(
      /^RangeError: axes must have each of 2 dimensions once, got/,
    );
  }
  expect(run(permute, six, { shape: [2, 2], axes: [0, 1] })).toMatch(
    /^RangeError: shape must hold the 6 elements/,
  );
  expect(run(transpose, six, { shape: [6] })).toMatch(
    /^RangeError: shape must have at least two dimensions, got \[6\]/,
  );
  expect(run(transpose, six, { shape, out: six })).toMatch(/^RangeError: out must not share memory with x/);
  expect(run(transpose, six, { shape, axes: [1, 0] })).toMatch(/^TypeError: transpose has no option "axes"/);
});
