import { type Axes, checkAxes, checkAxis } from '../core/axes.js';
import { readShape, type Shape, showShape } from '../core/shapes.js';
import { checkInteger, show } from '../core/validate.js';
import { type Dimension, inTurn, whole } from './pieces.js';

// What functions of shape make of each dimension: the same for arrays and for tensors.

const ANY = Number.MIN_SAFE_INTEGER;

/** Every `step`th index of a length from `start` to before `end`, as Python's slice. @throws RangeError where that is nothing. */
export function sliced(length: number, start: unknown, end: unknown, step: unknown): Dimension {
  checkInteger('step', step, ANY);
  if (step === 0) throw new RangeError('step must not be 0');
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const bound = (name: string, value: unknown, missing: number) => {
    if (value === undefined) return missing;
    checkInteger(name, value, ANY);
    return Math.min(high, Math.max(low, value < 0 ? value + length : value));
  };
  const first = bound('start', start, step > 0 ? low : high);
  const last = bound('end', end, step > 0 ? high : low);
  const count = Math.ceil((last - first) / step);
  if (count < 1) {
    throw new RangeError(
      `the slice must have an element, got ${show(start)} to ${show(end)} by ${step} of ${length}`,
    );
  }
  return inTurn([first, step, count]);
}

/** These axes in reverse. */
export function flipped(shape: Shape, axes: Axes | undefined): Dimension[] {
  const turned = checkAxes(axes, shape.length);
  return shape.map((length, d) => (turned.includes(d) ? inTurn([length - 1, -1, length]) : whole(length)));
}

/** Each axis moved on by its shift, what was at the end being at the beginning. */
export function rolled(shape: Shape, shifts: unknown, axes: Axes): Dimension[] {
  const amounts: unknown = typeof shifts === 'number' ? [shifts] : shifts;
  if (!Array.isArray(amounts)) {
    throw new TypeError(`shifts must be a number or an array of them, got ${show(shifts)}`);
  }
  checkAxes(axes, shape.length);
  const list = typeof axes === 'number' ? [axes] : axes;
  if (amounts.length !== list.length) {
    throw new RangeError(`shifts must have one number for each of ${list.length} axes, got ${show(shifts)}`);
  }
  const dimensions = shape.map(whole);
  for (const [i, axis] of list.entries()) {
    const shift: unknown = amounts[i];
    checkInteger(`shifts[${i}]`, shift, ANY);
    const d = checkAxis('axes', axis, shape.length);
    const length = shape[d];
    const moved = ((shift % length) + length) % length;
    dimensions[d] = inTurn([length - moved, 1, moved], [0, 1, length - moved]);
  }
  return dimensions;
}

/** All of an array `counts[d]` times along each dimension, matched from the last. */
export function tiled(shape: Shape, counts: unknown): { of: Shape; dimensions: Dimension[]; shape: Shape } {
  const given = readShape('counts', counts, 1);
  const rank = Math.max(given.length, shape.length);
  const filled = (lengths: Shape) => [...new Array<number>(rank - lengths.length).fill(1), ...lengths];
  const [times, lengths] = [filled(given), filled(shape)];
  return {
    of: lengths.flatMap((length) => [1, length]),
    dimensions: times.flatMap((count, d) => [inTurn([0, 0, count]), whole(lengths[d])]),
    shape: lengths.map((length, d) => length * times[d]),
  };
}

/** What arrays of these shapes are, one after the other. @throws RangeError naming the shape that does not fit. */
export function joined(shapes: readonly Shape[], axis: number, name = 'shapes'): Shape {
  const [first] = shapes;
  for (const [i, shape] of shapes.entries()) {
    const fits = shape.length === first.length && shape.every((n, d) => d === axis || n === first[d]);
    if (!fits) {
      throw new RangeError(
        `${name}[${i}] must be ${showShape(first)} as the first but along axis ${axis}, got ${showShape(shape)}`,
      );
    }
  }
  return first.with(
    axis,
    shapes.reduce((sum, shape) => sum + shape[axis], 0),
  );
}

/** The lengths of the parts of an axis: each of `size`, the last of what is left, or those that a list has. */
export function partsOf(size: number | readonly number[], length: number): number[] {
  if (!Array.isArray(size)) {
    checkInteger('size', size, 1);
    return Array.from({ length: Math.ceil(length / size) }, (_, i) => Math.min(size, length - i * size));
  }
  const lengths = Array.from(size, (part: unknown, i) => {
    checkInteger(`size[${i}]`, part, 1);
    return part;
  });
  if (lengths.reduce((sum, part) => sum + part, 0) !== length) {
    throw new RangeError(`size must have the sum ${length}, got ${show(size)}`);
  }
  return lengths;
}
