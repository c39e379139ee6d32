import { kernels } from '../backend/select.js';
import { checkAxis, type Line, lineOf } from '../core/axes.js';
import { checkDType, type DType, zeros } from '../core/dtypes.js';
import { checkLength, isShared, zerosLike } from '../core/float-arrays.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { readShape, type Shape } from '../core/shapes.js';
import type { FloatArray } from '../core/types.js';
import { checkBoolean, checkInteger, MAX_INT32, show } from '../core/validate.js';
import { checkApart, checkFloats, checkSize, resultFor } from './operands.js';

// Elements in order, and those at given indices.

interface Along {
  /** Row-major lengths whose product is the length of x. Default `[x.length]`. */
  readonly shape?: Shape;
  /** From -rank to rank - 1. Default -1, the last. */
  readonly axis?: number;
}

/** See {@link sort}. */
export interface SortOptions extends Along {
  /** The largest first. Default false. */
  readonly descending?: boolean;
}

const SORT_OPTIONS: OptionNames<SortOptions> = { shape: true, axis: true, descending: true };

/** See {@link topk}. */
export interface TopkOptions extends Along {
  /** The largest ones, or the smallest. Default true. */
  readonly largest?: boolean;
}

const TOPK_OPTIONS: OptionNames<TopkOptions> = { shape: true, axis: true, largest: true };

/** Elements in order, and which indices of the axis they have in x. Both are row-major, of the shape of x but for the axis. */
export interface Sorted<A extends FloatArray = FloatArray> {
  readonly values: A;
  readonly indices: Int32Array;
}

function lineIn(x: FloatArray, { shape = [x.length], axis = -1 }: Along): Line {
  const lengths = readShape('shape', shape, 1);
  checkSize('shape', lengths, x);
  return lineOf(lengths, checkAxis('axis', axis, lengths.length));
}

function first<A extends FloatArray>(x: A, line: Line, k: number, descending: boolean): Sorted<A>;
function first(x: FloatArray, line: Line, k: number, descending: boolean): Sorted {
  const { outer, count, inner } = line;
  const indices = new Int32Array(outer * k * inner);
  const values = zerosLike(x, indices.length);
  kernels().sortAlong(outer, count, k, inner, Number(descending), x, values, indices);
  return { values, indices };
}

/** out = x at indices of the middle axis, as many for each line. */
function gathered(
  x: FloatArray,
  { outer, count, inner }: Line,
  indices: Int32Array,
  out: FloatArray,
): FloatArray {
  if (x.length > MAX_INT32)
    throw new RangeError(`x must have at most ${MAX_INT32} elements, got ${x.length}`);
  const rows = indices.length / outer;
  const places = new Int32Array(indices.length);
  for (let o = 0, i = 0; o < outer; o++) {
    for (let r = 0; r < rows; r++, i++) places[i] = (o * count + indices[i]) * inner + (r % inner);
  }
  kernels().gatherRows(places.length, 1, x.length, x, places, out);
  return out;
}

/**
 * x in order along an axis. Equal ones stay in their order, also where the largest are first; NaN counts as larger than any number,
 * and -0 as equal to 0.
 * @throws TypeError or RangeError naming the argument that does not fit.
 */
export function sort<A extends FloatArray>(x: A, options: SortOptions = {}): Sorted<A> {
  checkFloats('x', x);
  checkOptions('sort', options, SORT_OPTIONS);
  const { descending = false } = options;
  checkBoolean('descending', descending);
  const line = lineIn(x, options);
  return first(x, line, line.count, descending);
}

/** The `k` largest elements along an axis, the largest first, or the smallest, as {@link sort}. @param k from 1 to the length of the axis. */
export function topk<A extends FloatArray>(x: A, k: number, options: TopkOptions = {}): Sorted<A> {
  checkFloats('x', x);
  checkOptions('topk', options, TOPK_OPTIONS);
  const { largest = true } = options;
  checkBoolean('largest', largest);
  const line = lineIn(x, options);
  checkInteger('k', k, 1);
  if (k > line.count) throw new RangeError(`k must be at most ${line.count}, got ${k}`);
  return first(x, line, k, largest);
}

/** See {@link gather}. */
export interface GatherOptions extends Along {
  /** Where the result goes; shares no memory with x. Default: a new array of the element type of x. */
  readonly out?: FloatArray;
}

const GATHER_OPTIONS: OptionNames<GatherOptions> = { shape: true, axis: true, out: true };

/**
 * x at indices of an axis, as many for each line along it: what {@link sort} and {@link topk} give as indices.
 * @param indices whole numbers from 0 to the length of the axis - 1, row-major, of the shape of x but for the axis.
 * @returns `out`, or a new array, of as many elements.
 * @throws TypeError or RangeError naming the argument that does not fit; nothing is then written.
 */
export function gather(x: FloatArray, indices: Int32Array, options: GatherOptions = {}): FloatArray {
  checkFloats('x', x);
  checkOptions('gather', options, GATHER_OPTIONS);
  const line = lineIn(x, options);
  const own = checkIndices(indices, line.count);
  const lines = line.outer * line.inner;
  if (own.length === 0 || own.length % lines !== 0) {
    throw new RangeError(`indices must be as many for each of ${lines} lines of x, got ${own.length}`);
  }
  const out = resultFor(options.out, own.length, x);
  checkApart(out, 'x', x);
  checkApart(out, 'indices', indices);
  return gathered(x, line, own, out);
}

/** The indices, or a copy of them where another thread could change them after they are checked. */
export function checkIndices(indices: unknown, below: number): Int32Array {
  if (!(indices instanceof Int32Array))
    throw new TypeError(`indices must be an Int32Array, got ${show(indices)}`);
  checkLength('indices', indices);
  const own = isShared(indices) ? indices.slice() : indices;
  for (let i = 0; i < own.length; i++) {
    if (!(own[i] >= 0 && own[i] < below)) {
      throw new RangeError(`indices[${i}] must be a whole number from 0 to ${below - 1}, got ${own[i]}`);
    }
  }
  return own;
}

/** See {@link oneHot}. */
export interface OneHotOptions {
  /** Default 'float32'. */
  readonly dtype?: DType;
}

const ONE_HOT_OPTIONS: OptionNames<OneHotOptions> = { dtype: true };

/**
 * Rows of zeros with a 1 at the index of each.
 * @param indices whole numbers from 0 to classes - 1.
 * @param classes how long a row is. Default: one more than the largest index.
 * @returns [indices.length, classes].
 */
export function oneHot(indices: Int32Array, classes?: number, options: OneHotOptions = {}): FloatArray {
  checkOptions('oneHot', options, ONE_HOT_OPTIONS);
  const { dtype = 'float32' } = options;
  checkDType('dtype', dtype);
  if (classes !== undefined) checkInteger('classes', classes, 1);
  const own = checkIndices(indices, classes ?? MAX_INT32);
  const depth = classes ?? own.reduce((most, index) => Math.max(most, index), -1) + 1;
  const out = zeros(dtype, own.length * depth);
  if (out.length > 0) kernels().oneHot(own.length, depth, 1, 0, own, out);
  return out;
}
