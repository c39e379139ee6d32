import { type Axes, checkAxes, checkAxis, type Line, lineOf, linesOf } from '../core/axes.js';
import { checkLength } from '../core/float-arrays.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { readShape } from '../core/shapes.js';
import type { FloatArray } from '../core/types.js';
import { MAX_INT32, show } from '../core/validate.js';
import { checkApart, checkFloats, checkInPlace, checkSize, resultFor } from './operands.js';

// The checks of functions that go along axes of an array.

export interface AxesOptions<A> {
  /** Row-major lengths whose product is the length of x. Default `[x.length]`. */
  readonly shape?: readonly number[];
  /** What to reduce: axes from -rank to rank - 1. Default: all. */
  readonly axes?: Axes;
  /** Where the result goes; it must not share memory with x. Default: a new array. */
  readonly out?: A;
}

const AXES_OPTIONS: OptionNames<AxesOptions<unknown>> = { shape: true, axes: true, out: true };

export interface AxisOptions<A> {
  /** Row-major lengths whose product is the length of x. Default `[x.length]`. */
  readonly shape?: readonly number[];
  /** From -rank to rank - 1. Default -1, the last. */
  readonly axis?: number;
  /** Where the result goes. Default: a new array. */
  readonly out?: A;
}

const AXIS_OPTIONS: OptionNames<AxisOptions<unknown>> = { shape: true, axis: true, out: true };

/** The lines to reduce one after the other, and how many numbers are left. */
export function checkReduction(
  owner: string,
  x: unknown,
  options: AxesOptions<unknown>,
): { x: FloatArray; lines: Line[]; out: FloatArray } {
  checkFloats('x', x);
  checkOptions(owner, options, AXES_OPTIONS);
  const { shape = [x.length], axes, out: given } = options;
  const lengths = readShape('shape', shape);
  const lines = linesOf(lengths, checkAxes(axes, lengths.length));
  checkSize('shape', lengths, x);
  const { outer, inner } = lines[lines.length - 1];
  const out = resultFor(given, outer * inner, x);
  checkApart(out, 'x', x);
  return { x, lines, out };
}

/** The line to go along, and where the result goes: x itself, or memory apart from it. */
export function checkLine(
  owner: string,
  x: unknown,
  options: AxisOptions<unknown>,
): { x: FloatArray; line: Line; out: FloatArray } {
  checkFloats('x', x);
  checkOptions(owner, options, AXIS_OPTIONS);
  const { shape = [x.length], axis = -1, out: given } = options;
  const lengths = readShape('shape', shape);
  checkSize('shape', lengths, x);
  const line = lineOf(lengths, checkAxis('axis', axis, lengths.length));
  const out = resultFor(given, x.length, x);
  checkInPlace(out, 'x', x);
  return { x, line, out };
}

/** As {@link checkLine}, with a result of whole numbers, one for each line. */
export function checkPositions(
  owner: string,
  x: unknown,
  options: AxisOptions<unknown>,
): { x: FloatArray; line: Line; out: Int32Array } {
  checkFloats('x', x);
  checkOptions(owner, options, AXIS_OPTIONS);
  const { shape = [x.length], axis = -1, out } = options;
  const lengths = readShape('shape', shape);
  checkSize('shape', lengths, x);
  const line = lineOf(lengths, checkAxis('axis', axis, lengths.length));
  checkNotEmpty(line);
  if (line.count > MAX_INT32) {
    throw new RangeError(`the axis of x must have at most ${MAX_INT32} elements, got ${line.count}`);
  }
  const size = line.outer * line.inner;
  if (out === undefined) return { x, line, out: new Int32Array(size) };
  if (!(out instanceof Int32Array)) throw new TypeError(`out must be an Int32Array, got ${show(out)}`);
  checkLength('out', out);
  if (out.length !== size) throw new RangeError(`out must have ${size} elements, got ${out.length}`);
  checkApart(out, 'x', x);
  return { x, line, out };
}

/** What has no neutral element, such as the largest number, needs one element at least. */
export function checkNotEmpty({ count }: Line): void {
  if (count === 0) throw new RangeError('x must have at least one element along the axes, got 0');
}
