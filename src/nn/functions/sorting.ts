import { kernels, settledArray } from '../../backend/stream.js';
import { checkAxis, lineOf } from '../../core/axes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkBoolean, checkInteger } from '../../core/validate.js';
import { constant, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, checkTensor, type Tensor } from '../engine/tensor.js';
import { recordPicked } from './along.js';
import { keptFor } from './labels.js';

/** See {@link sort}. */
export interface SortOptions {
  /** From -rank to rank - 1. Default -1, the last. */
  readonly axis?: number;
  /** The largest first. Default false. */
  readonly descending?: boolean;
}

const SORT_OPTIONS: OptionNames<SortOptions> = { axis: true, descending: true };

/** See {@link topk}. */
export interface TopkOptions {
  /** From -rank to rank - 1. Default -1, the last. */
  readonly axis?: number;
  /** The largest ones, or the smallest. Default true. */
  readonly largest?: boolean;
}

const TOPK_OPTIONS: OptionNames<TopkOptions> = { axis: true, largest: true };

/** Elements in order, and which indices of the axis they have in x, int32 of the shape of `values`: what `gather` takes. */
export interface Sorted {
  readonly values: Tensor;
  readonly indices: Tensor;
}

/**
 * x in order along an axis. Equal ones stay in their order, also where the largest are first; NaN counts as larger than any number,
 * and -0 as equal to 0.
 */
export function sort(x: Tensor, options: SortOptions = {}): Sorted {
  checkTensor('x', x);
  checkOptions('sort', options, SORT_OPTIONS);
  const { axis = -1, descending = false } = options;
  checkBoolean('descending', descending);
  return first(x, x.shape[checkAxis('axis', axis, x.shape.length)], axis, descending);
}

/**
 * The `k` largest elements along an axis, the largest first, or the smallest; of equal ones the first. NaN counts as larger than any
 * number.
 * @param k from 1 to the length of the axis.
 */
export function topk(x: Tensor, k: number, options: TopkOptions = {}): Sorted {
  checkTensor('x', x);
  checkOptions('topk', options, TOPK_OPTIONS);
  const { axis = -1, largest = true } = options;
  checkBoolean('largest', largest);
  const length = x.shape[checkAxis('axis', axis, x.shape.length)];
  checkInteger('k', k, 1);
  if (k > length) throw new RangeError(`k must be at most ${length}, got ${k}`);
  return first(x, k, axis, largest);
}

function first(x: Tensor, k: number, axis: number, descending: boolean): Sorted {
  const d = checkAxis('axis', axis, x.shape.length);
  const line = lineOf(x.shape, d);
  const { outer, count, inner } = line;
  const shape = x.shape.with(d, k);
  const size = outer * k * inner;
  const out = takeLike(x, size);
  const indices = pool.take('int32', size);
  kernels().sortAlong(outer, count, k, inner, Number(descending), arrayOf(x), out, indices);
  // The way back reads its own: the caller may write to what is returned.
  const { integers, saved } = keptFor([x], settledArray(indices));
  const values = recordPicked(x, line, integers, out, { name: 'gather', shape, saved });
  return { values, indices: constant(indices, shape) };
}
