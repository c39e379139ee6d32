import * as atOnce from '../backend/select.js';
import { type Axes, checkAxis } from '../core/axes.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { readShape, type Shape, sizeOf } from '../core/shapes.js';
import type { FloatArray } from '../core/types.js';
import { checkNumber, show } from '../core/validate.js';
import { flipped, joined, partsOf, rolled, sliced, tiled } from './dimensions.js';
import { type AxisOptions, checkLine } from './lines.js';
import { checkApart, checkFloats, checkSameType, checkSize, resultFor } from './operands.js';
import { type PadMode, padded } from './padding.js';
import { type Dimension, piecesOf, rowMajor, whole } from './pieces.js';
import { copyRegion, stepsOf } from './strided.js';

// Functions that move elements.

/** What stands around the options of each. */
interface Common {
  /** Row-major lengths whose product is the length of x. Default `[x.length]`. */
  readonly shape?: Shape;
  /** Where the result goes; it must not share memory with x. Default: a new array of the element type of x. */
  readonly out?: FloatArray;
}

const COMMON: OptionNames<Common> = { shape: true, out: true };

/** See {@link slice}. */
export interface SliceOptions extends Common {
  /** From -rank to rank - 1. Default 0. */
  readonly axis?: number;
  /** The first index; one below 0 counts from the end. Default: the first of all, the last where `step` is negative. */
  readonly start?: number;
  /** The index behind the last. Default: behind the last of all, before the first where `step` is negative. */
  readonly end?: number;
  /** Not 0; a negative one goes backwards. Default 1. */
  readonly step?: number;
}

const SLICE: OptionNames<SliceOptions> = { ...COMMON, axis: true, start: true, end: true, step: true };

/** See {@link flip}. */
export interface FlipOptions extends Common {
  /** What to turn around. Default: all. */
  readonly axes?: Axes;
}

const FLIP: OptionNames<FlipOptions> = { ...COMMON, axes: true };

/** See {@link roll}. */
export interface RollOptions extends Common {
  /** How far, a whole number for each axis. */
  readonly shifts: number | readonly number[];
  /** Default: x is shifted as one row of all its elements. */
  readonly axes?: Axes;
}

const ROLL: OptionNames<RollOptions> = { ...COMMON, shifts: true, axes: true };

/** See {@link pad}. */
export interface PadOptions extends Common {
  /** How many before and how many behind, of the last dimension first. Those below 0 take elements away. */
  readonly widths: readonly number[];
  /**
   * What stands around x: `value`; x mirrored at its first and last element, which are not repeated; these elements; or x over
   * again. Default 'constant'.
   */
  readonly mode?: PadMode;
  /** For 'constant'. Default 0. */
  readonly value?: number;
}

const PAD: OptionNames<PadOptions> = { ...COMMON, widths: true, mode: true, value: true };

/** See {@link tile}. */
export interface TileOptions extends Common {
  /** How often along each dimension, matched from the last; missing ones are 1. */
  readonly counts: readonly number[];
}

const TILE: OptionNames<TileOptions> = { ...COMMON, counts: true };

/** See {@link cat}. */
export interface CatOptions {
  /** The shape of each array. Default: the length of each. */
  readonly shapes?: readonly Shape[];
  /** From -rank to rank - 1. Default 0. */
  readonly axis?: number;
  /** Where the result goes; it must not share memory with the arrays. Default: a new array. */
  readonly out?: FloatArray;
}

const CAT: OptionNames<CatOptions> = { shapes: true, axis: true, out: true };

function shapeOf(x: FloatArray, options: Common): Shape {
  checkFloats('x', x);
  return readShape('shape', options.shape ?? [x.length], 1);
}

/** The elements of x that the dimensions pick, `value` where there are none. */
function picked(
  x: FloatArray,
  of: Shape,
  dimensions: readonly Dimension[],
  given: unknown,
  value = 0,
): FloatArray {
  checkSize('shape', of, x);
  const out = resultFor(given, sizeOf(dimensions.map(({ length }) => length)), x);
  checkApart(out, 'x', x);
  const pieces = piecesOf(of, dimensions);
  if (pieces.reduce((sum, { sizes }) => sum + sizeOf(sizes), 0) < out.length) out.fill(value);
  for (const { sizes, from, to } of pieces) copyRegion(sizes, { array: x, ...from }, { array: out, ...to });
  return out;
}

/** Every `step`th index of an axis from `start` to before `end`, as Python's x[start:end:step]. @throws RangeError where nothing is left. */
export function slice(x: FloatArray, options: SliceOptions): FloatArray {
  checkOptions('slice', options, SLICE);
  const { axis = 0, start, end, step = 1, out } = options;
  const shape = shapeOf(x, options);
  const d = checkAxis('axis', axis, shape.length);
  return picked(x, shape, shape.map(whole).with(d, sliced(shape[d], start, end, step)), out);
}

/** x with these axes in reverse. */
export function flip(x: FloatArray, options: FlipOptions = {}): FloatArray {
  checkOptions('flip', options, FLIP);
  const { axes, out } = options;
  const shape = shapeOf(x, options);
  return picked(x, shape, flipped(shape, axes), out);
}

/** x with its elements moved on along axes, those at the end coming back at the beginning. */
export function roll(x: FloatArray, options: RollOptions): FloatArray {
  checkOptions('roll', options, ROLL);
  const { shifts, axes, out } = options;
  const shape = shapeOf(x, options);
  checkSize('shape', shape, x);
  const rolledShape = axes === undefined ? [x.length] : shape;
  return picked(x, rolledShape, rolled(rolledShape, shifts, axes ?? 0), out);
}

/**
 * x with something before and behind it, as PyTorch's `pad` counts it: [left, right] for the last dimension, then two for the one
 * before.
 * @throws RangeError where nothing would be left, or where a width is more than there is to mirror (length - 1) or to go over
 *   again (length).
 */
export function pad(x: FloatArray, options: PadOptions): FloatArray {
  checkOptions('pad', options, PAD);
  const { widths, mode = 'constant', value = 0, out } = options;
  const shape = shapeOf(x, options);
  checkNumber('value', value);
  return picked(x, shape, padded(shape, widths, mode), out, value);
}

/** x again and again along each dimension. @returns the lengths of x times the counts. */
export function tile(x: FloatArray, options: TileOptions): FloatArray {
  checkOptions('tile', options, TILE);
  const { counts, out } = options;
  const { of, dimensions } = tiled(shapeOf(x, options), counts);
  return picked(x, of, dimensions, out);
}

/** The arrays one after the other along an axis; their other lengths are the same. */
export function cat(arrays: readonly FloatArray[], options: CatOptions = {}): FloatArray {
  checkOptions('cat', options, CAT);
  if (!Array.isArray(arrays) || arrays.length === 0) {
    throw new TypeError(`arrays must be an array of at least one array, got ${show(arrays)}`);
  }
  const { shapes: given, axis = 0, out: into } = options;
  if (given !== undefined && !(Array.isArray(given) && given.length === arrays.length)) {
    throw new RangeError(
      `shapes must have one shape for each of ${arrays.length} arrays, got ${show(given)}`,
    );
  }
  const shapes = arrays.map((array: unknown, i) => {
    checkFloats(`arrays[${i}]`, array);
    checkSameType(`arrays[${i}]`, array, arrays[0]);
    return readShape(`shapes[${i}]`, given?.[i] ?? [array.length]);
  });
  const d = checkAxis('axis', axis, shapes[0].length);
  const shape = joined(shapes, d);
  const out = resultFor(into, sizeOf(shape), arrays[0]);
  for (const [i, array] of arrays.entries()) {
    checkSize(`shapes[${i}]`, shapes[i], array);
    checkApart(out, `arrays[${i}]`, array);
  }
  const steps = stepsOf(shape);
  let at = 0;
  for (const [i, sizes] of shapes.entries()) {
    copyRegion(sizes, { array: arrays[i], ...rowMajor(sizes) }, { array: out, start: at * steps[d], steps });
    at += sizes[d];
  }
  return out;
}

/** See {@link stack}. */
export interface StackOptions {
  /** The shape of every array. Default: the length of the first. */
  readonly shape?: Shape;
  /** The place of the new axis in the result. Default 0, the first. */
  readonly axis?: number;
  /** Where the result goes; it must not share memory with the arrays. Default: a new array. */
  readonly out?: FloatArray;
}

const STACK: OptionNames<StackOptions> = { shape: true, axis: true, out: true };

/** The arrays, all of one shape, along a new axis. */
export function stack(arrays: readonly FloatArray[], options: StackOptions = {}): FloatArray {
  checkOptions('stack', options, STACK);
  if (!Array.isArray(arrays) || arrays.length === 0) {
    throw new TypeError(`arrays must be an array of at least one array, got ${show(arrays)}`);
  }
  const { shape: given, axis = 0, out } = options;
  checkFloats('arrays[0]', arrays[0]);
  const shape = readShape('shape', given ?? [arrays[0].length]);
  const d = checkAxis('axis', axis, shape.length + 1);
  const one = shape.toSpliced(d, 0, 1);
  return cat(arrays, { shapes: arrays.map(() => one), axis: d, ...(out === undefined ? {} : { out }) });
}

/** See {@link split}. */
export interface SplitOptions {
  /** Row-major lengths whose product is the length of x. Default `[x.length]`. */
  readonly shape?: Shape;
  /** From -rank to rank - 1. Default 0. */
  readonly axis?: number;
}

const SPLIT: OptionNames<SplitOptions> = { shape: true, axis: true };

/** x in parts along an axis, in new arrays. @param size that of each part, the last being what is left; or those of all, which add up to the axis. */
export function split(
  x: FloatArray,
  size: number | readonly number[],
  options: SplitOptions = {},
): FloatArray[] {
  checkOptions('split', options, SPLIT);
  const { axis = 0 } = options;
  const shape = shapeOf(x, options);
  const d = checkAxis('axis', axis, shape.length);
  const list = partsOf(size, shape[d]);
  let start = 0;
  return list.map((part) => {
    start += part;
    return picked(x, shape, shape.map(whole).with(d, sliced(shape[d], start - part, start, 1)), undefined);
  });
}

/** The sums of x along an axis up to each element, each line one chain in double. `out` may be x. */
export function cumsum(x: FloatArray, options: AxisOptions<FloatArray> = {}): FloatArray {
  const { line, out } = checkLine('cumsum', x, options);
  atOnce.kernels().cumsum(line.outer, line.count, line.inner, 0, 0, x, out);
  return out;
}

/** The products of x along an axis up to each element, as {@link cumsum}. */
export function cumprod(x: FloatArray, options: AxisOptions<FloatArray> = {}): FloatArray {
  const { line, out } = checkLine('cumprod', x, options);
  atOnce.kernels().cumprod(line.outer, line.count, line.inner, 0, 0, x, out);
  return out;
}
