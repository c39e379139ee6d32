import { checkOptions, type OptionNames } from '../core/options.js';
import { readShape, type Shape } from '../core/shapes.js';
import type { FloatArray } from '../core/types.js';
import { checkInteger, show } from '../core/validate.js';
import { checkFloats, checkInPlace, checkSize, resultFor } from './operands.js';

/** See {@link tril} and {@link triu}. */
export interface TriangleOptions {
  /** Row-major lengths whose product is the length of x: two at least. */
  readonly shape: Shape;
  /** How far right of the first diagonal the one is that stays. Default 0. */
  readonly diagonal?: number;
  /** Where the result goes; may be x. Default: a new array of the element type of x. */
  readonly out?: FloatArray;
}

const TRIANGLE: OptionNames<TriangleOptions> = { shape: true, diagonal: true, out: true };

/** x [..., rows, columns] with 0 on one side of a diagonal. */
function triangle(x: FloatArray, options: TriangleOptions, isLower: boolean): FloatArray {
  checkOptions(isLower ? 'tril' : 'triu', options, TRIANGLE);
  const { diagonal = 0, out: given } = options;
  checkFloats('x', x);
  const shape = readShape('shape', options.shape);
  checkInteger('diagonal', diagonal, Number.MIN_SAFE_INTEGER);
  if (shape.length < 2) throw new RangeError(`shape must have at least two dimensions, got ${show(shape)}`);
  checkSize('shape', shape, x);
  const out = resultFor(given, x.length, x);
  checkInPlace(out, 'x', x);
  if (out !== x) out.set(x);
  const [rows, columns] = shape.slice(-2);
  for (let row = 0, start = 0; start < out.length; row = (row + 1) % rows, start += columns) {
    // Up to here on the lower side, from here on the upper one.
    const cut = Math.min(columns, Math.max(0, row + diagonal + (isLower ? 1 : 0)));
    if (isLower) out.fill(0, start + cut, start + columns);
    else out.fill(0, start, start + cut);
  }
  return out;
}

/** x [..., rows, columns] with 0 above a diagonal. `out` may be x. */
export function tril(x: FloatArray, options: TriangleOptions): FloatArray {
  return triangle(x, options, true);
}

/** x [..., rows, columns] with 0 below a diagonal, as {@link tril}. */
export function triu(x: FloatArray, options: TriangleOptions): FloatArray {
  return triangle(x, options, false);
}
