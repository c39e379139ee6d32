import { type Shape, sizeOf } from '../core/shapes.js';
import { stepsOf } from './strided.js';

// Which elements of an array stand where in another one, as data: a dimension of the result is made of runs of indices of the
// same dimension of x, and the result of all combinations of such runs.

/** `count` places of a dimension of the result, from `at` on: x at `start`, and then each `step` further. A step of 0 repeats it. */
export interface Run {
  readonly at: number;
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** A dimension of the result. Where no run is, nothing of x is. */
export interface Dimension {
  readonly length: number;
  readonly runs: readonly Run[];
}

/** Where elements lie in an array: the first, and how far from one index of each dimension to the next. */
export interface Layout {
  readonly start: number;
  readonly steps: readonly number[];
}

/** A box of elements of x and of the result. */
export interface Piece {
  readonly sizes: Shape;
  readonly from: Layout;
  readonly to: Layout;
}

/** Runs one after the other: [start, step, count] of each. */
export function inTurn(
  ...runs: readonly (readonly [start: number, step: number, count: number])[]
): Dimension {
  let at = 0;
  const placed: Run[] = [];
  for (const [start, step, count] of runs) {
    if (count > 0) placed.push({ at, start, step, count });
    at += count;
  }
  return { length: at, runs: placed };
}

/** A dimension of x as it is. */
export const whole = (length: number): Dimension => inTurn([0, 1, length]);

/** The layout of an array of this shape, row-major. */
export const rowMajor = (shape: Shape): Layout => ({ start: 0, steps: stepsOf(shape) });

/** What a result of these dimensions has of x: boxes, the largest first. */
export function piecesOf(shape: Shape, dimensions: readonly Dimension[]): Piece[] {
  const from = stepsOf(shape);
  const to = stepsOf(dimensions.map(({ length }) => length));
  const nothing: Layout = { start: 0, steps: [] };
  let pieces: Piece[] = [{ sizes: [], from: nothing, to: nothing }];
  dimensions.forEach(({ runs }, d) => {
    pieces = pieces.flatMap((piece) =>
      runs.map(({ at, start, step, count }) => ({
        sizes: [...piece.sizes, count],
        from: { start: piece.from.start + start * from[d], steps: [...piece.from.steps, step * from[d]] },
        to: { start: piece.to.start + at * to[d], steps: [...piece.to.steps, to[d]] },
      })),
    );
  });
  return pieces.sort((a, b) => sizeOf(b.sizes) - sizeOf(a.sizes));
}

/** A box of elements of one array. */
export interface Box {
  readonly sizes: Shape;
  readonly at: Layout;
}

/** What of a result of this shape is around a box of it: slabs before and behind it, dimension by dimension. */
export function around({ sizes, at }: Box, shape: Shape): Box[] {
  const { start, steps } = rowMajor(shape);
  const first = shape.map((length, d) => Math.floor(at.start / steps[d]) % length);
  return shape.flatMap((length, d) => {
    const corner = first.slice(0, d).reduce((place, index, e) => place + index * steps[e], start);
    const slab = (begin: number, end: number): Box => ({
      sizes: [...sizes.slice(0, d), end - begin, ...shape.slice(d + 1)],
      at: { start: corner + begin * steps[d], steps },
    });
    return [slab(0, first[d]), slab(first[d] + sizes[d], length)].filter((box) => sizeOf(box.sizes) > 0);
  });
}

/** Whether no element of x is in two pieces. */
export function areApart(dimensions: readonly Dimension[]): boolean {
  return dimensions.every(({ runs }) => {
    const ranges = runs.map(({ start, step, count }) =>
      [start, start + step * (count - 1)].sort((a, b) => a - b),
    );
    ranges.sort(([a], [b]) => a - b);
    return ranges.every(([begin], i) => i === 0 || begin > ranges[i - 1][1]);
  });
}

/** The axes along which a piece has one element of x again and again. */
export function repeatedIn({ sizes, from }: Piece): number[] {
  return [...sizes.keys()].filter((d) => sizes[d] > 1 && from.steps[d] === 0);
}

/** The way back, with all steps in the new target forward: dimensions that went backwards are turned around on both sides. */
export function reversed({ sizes, from, to }: Piece): Piece {
  const isBackward = (d: number) => from.steps[d] < 0;
  const turn = ({ start, steps }: Layout): Layout => ({
    start: steps.reduce((sum, step, d) => sum + (isBackward(d) ? step * (sizes[d] - 1) : 0), start),
    steps: steps.map((step, d) => (isBackward(d) ? -step : step)),
  });
  return { sizes, from: turn(to), to: turn(from) };
}
