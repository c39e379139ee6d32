import { type Shape, sizeOf } from './shapes.js';
import { checkInteger, show } from './validate.js';

/** An array [outer, count, inner] whose middle axis an operation goes along. */
export interface Line {
  readonly outer: number;
  readonly count: number;
  readonly inner: number;
}

/** Axes of an array: one, or several different ones, each from -rank (the first) to rank - 1 (the last). */
export type Axes = number | readonly number[];

/** `value` as the number of an axis from 0 on. */
export function checkAxis(name: string, value: unknown, rank: number): number {
  checkInteger(name, value, -rank);
  if (value >= rank) {
    throw new RangeError(`${name} must be an axis of ${rank} from ${-rank} to ${rank - 1}, got ${value}`);
  }
  return value < 0 ? value + rank : value;
}

/** The axes in their order, from 0 on; all of them where none are given. */
export function checkAxes(axes: Axes | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const list: readonly unknown[] = typeof axes === 'number' ? [axes] : axes;
  if (!Array.isArray(list))
    throw new TypeError(`axes must be a number or an array of them, got ${show(axes)}`);
  const name = (i: number) => (typeof axes === 'number' ? 'axes' : `axes[${i}]`);
  const found = Array.from(list, (axis, i) => checkAxis(name(i), axis, rank));
  if (new Set(found).size !== found.length) throw new RangeError(`axes must differ, got ${show(axes)}`);
  return found.sort((a, b) => a - b);
}

/** Every dimension of `rank` once, in any order; those counted from the last (-1) come back counted from the first. */
export function checkPermutation(axes: unknown, rank: number): number[] {
  if (!Array.isArray(axes)) throw new TypeError(`axes must be an array of dimensions, got ${show(axes)}`);
  const counted = Array.from(axes, (axis: unknown) =>
    typeof axis === 'number' && axis < 0 ? axis + rank : axis,
  );
  const all = counted.every(
    (axis): axis is number => Number.isInteger(axis) && Number(axis) >= 0 && Number(axis) < rank,
  );
  if (!all || counted.length !== rank || new Set(counted).size !== rank) {
    throw new RangeError(`axes must have each of ${rank} dimensions once, got ${show(axes)}`);
  }
  return counted;
}

/** One axis of a shape, with all before it in one and all behind it in one. */
export function lineOf(shape: Shape, axis: number): Line {
  return {
    outer: sizeOf(shape, 0, axis),
    count: shape[axis],
    inner: sizeOf(shape, axis + 1),
  };
}

/**
 * What reduces a shape along its axes one after the other: neighbours are one axis, the last ones go first. Each reads
 * what the one before has left.
 */
export function linesOf(shape: Shape, axes: readonly number[]): Line[] {
  const lines: Line[] = [];
  const lengths = [...shape];
  for (let last = axes.length - 1; last >= 0; last--) {
    let first = last;
    while (first > 0 && axes[first - 1] === axes[first] - 1) first--;
    const from = axes[first];
    const end = axes[last] + 1;
    lines.push({
      outer: sizeOf(lengths, 0, from),
      count: sizeOf(lengths, from, end),
      inner: sizeOf(lengths, end),
    });
    lengths.splice(from, end - from);
    last = first;
  }
  return lines.length > 0 ? lines : [{ outer: sizeOf(shape), count: 1, inner: 1 }];
}

/** The shape that is left, with lengths of 1 in place of the axes where `keepDim`. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDim: boolean): number[] {
  // A loop: this is asked for at every small reduction.
  const left: number[] = [];
  for (let axis = 0; axis < shape.length; axis++) {
    if (!axes.includes(axis)) left.push(shape[axis]);
    else if (keepDim) left.push(1);
  }
  return left;
}
