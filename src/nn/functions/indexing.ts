import { alignedZeros } from '../../backend/memory.js';
import { copy, fill, isQueueing, kernels } from '../../backend/stream.js';
import { checkAxis, type Line, lineOf } from '../../core/axes.js';
import { checkDType, type DType } from '../../core/dtypes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { type Shape, showShape, sizeOf } from '../../core/shapes.js';
import { checkFinite, checkInteger, MAX_INT32 } from '../../core/validate.js';
import {
  constant,
  contribute,
  give,
  isRecording,
  record,
  takeElements,
  takeLike,
} from '../engine/autograd.js';
import { tensor } from '../engine/make-leaf.js';
import { pool } from '../engine/pool.js';
import { arrayOf, checkTensor, elementsOf, Tensor } from '../engine/tensor.js';
import { pickAlong } from './along.js';
import { checkSameShape } from './check.js';
import { asGiven, integersOf, keptFor, type Labels, toIntegers } from './labels.js';

// What is picked by lists of indices. They are copied: backward() reads them.

/** @throws RangeError where the rows of an array have no number in 32 bits. */
function checkRows(rows: number): void {
  if (rows > MAX_INT32) {
    throw new RangeError(`x must have at most ${MAX_INT32} places to choose from, got ${rows}`);
  }
}

/** The rows of x, seen as [rows, columns], with these numbers. */
function pickRows(
  x: Tensor,
  columns: number,
  numbers: Int32Array,
  { name, shape, saved }: { name: string; shape: Shape; saved: readonly Int32Array[] },
): Tensor {
  const rows = x.size / columns;
  const out = takeElements(x, numbers.length * columns);
  kernels().gatherRows(numbers.length, columns, rows, elementsOf(x), numbers, out);
  return record({ name, shape, out, inputs: [x], saved }, (gradient) => {
    contribute(x, (into, accumulate) => {
      if (!accumulate) fill(into, 0);
      kernels().scatterAddRows(columns, numbers.length, rows, gradient, numbers, into);
    });
    pool.release(gradient);
  });
}

/** The numbers of the rows at these indices of the middle axis of [outer, count, inner], for each of `outer`. */
function rowsAt({ outer, count }: Line, indices: Int32Array): Int32Array {
  checkRows(outer * count);
  if (outer === 1) return indices;
  const rows = new Int32Array(outer * indices.length);
  for (let o = 0, i = 0; o < outer; o++) for (const index of indices) rows[i++] = o * count + index;
  return rows;
}

/**
 * x at these indices of an axis, in their order: PyTorch's `index_select`. Gradients are added up where an index is there twice.
 * @param indices whole numbers from 0 to the length of the axis - 1; at least one.
 */
export function indexSelect(x: Tensor, axis: number, indices: Labels | Tensor): Tensor {
  checkTensor('x', x);
  const { shape, line, integers, saved } = checkIndexed(x, axis, indices, [x]);
  const options = { name: 'indexSelect', shape, saved };
  // Rows of a whole matrix have threads on the way back that are dealt out by column.
  return line.outer === 1
    ? pickRows(x, line.inner, integers, options)
    : pickAlong(x, line, integers, { ...options, shared: true });
}

/** The line of an axis, the indices for an operation on `inputs`, and the shape with as many of that axis. */
function checkIndexed(x: Tensor, axis: number, indices: Labels | Tensor, inputs: readonly Tensor[]) {
  const d = checkAxis('axis', axis, x.shape.length);
  const { integers } = integersOf(indices, x.shape[d], false);
  if (integers.length === 0) throw new RangeError('indices must have at least one element, got none');
  const shape = x.shape.with(d, integers.length);
  const kept = keptFor(inputs, integers);
  return { shape, line: lineOf(x.shape, d), integers: kept.integers, saved: kept.saved };
}

/** See {@link indexAdd}. */
export interface IndexAddOptions {
  /** What `source` is multiplied by. Default 1. */
  readonly alpha?: number;
}

const INDEX_ADD_OPTIONS: OptionNames<IndexAddOptions> = { alpha: true };

/**
 * x with `source` added at these indices of an axis, in their order: PyTorch's `index_add`.
 * @param indices whole numbers from 0 to the length of the axis - 1; may repeat.
 * @param source of the shape of x, but for that axis, which has one for each index.
 */
export function indexAdd(
  x: Tensor,
  axis: number,
  indices: Labels | Tensor,
  source: Tensor,
  options: IndexAddOptions = {},
): Tensor {
  checkTensor('x', x);
  checkTensor('source', source);
  const { shape, line, integers, saved } = checkIndexed(x, axis, indices, [x, source]);
  checkSameShape('source', source, x, shape);
  checkOptions('indexAdd', options, INDEX_ADD_OPTIONS);
  const { alpha = 1 } = options;
  checkFinite('alpha', alpha);
  const rows = rowsAt(line, integers);
  const [all, columns] = [line.outer * line.count, line.inner];
  const out = takeLike(x);
  copy(arrayOf(x), out);
  if (alpha === 1) {
    kernels().scatterAddRows(columns, rows.length, all, arrayOf(source), rows, out);
  } else {
    const scaled = takeLike(x, source.size);
    kernels().mulScalar(source.size, alpha, arrayOf(source), scaled);
    kernels().scatterAddRows(columns, rows.length, all, scaled, rows, out);
    pool.release(scaled);
  }
  return record({ name: 'indexAdd', out, inputs: [x, source], saved }, (gradient) => {
    if (source.requiresGrad) {
      const part = takeLike(x, source.size);
      kernels().gatherRows(rows.length, columns, all, gradient, rows, part);
      if (alpha !== 1) kernels().mulScalar(source.size, alpha, part, part);
      give(source, part);
    }
    give(x, gradient);
  });
}

/**
 * x at indices of an axis, one for each element of the result: for axis 1, out[i][j] = x[i][indices[i][j]], as PyTorch's `gather`.
 * @param indices a tensor of whole numbers with the rank of x and no length above that of x, but along the axis; or a list of
 *   them, which has the shape of x but for the length of the axis: as `topk` gives it.
 */
export function gather(x: Tensor, axis: number, indices: Labels | Tensor): Tensor {
  checkTensor('x', x);
  const d = checkAxis('axis', axis, x.shape.length);
  checkRows(x.size);
  const check = () => toIntegers('indices', indices, x.shape[d]);
  const given = asGiven(indices);
  const all = given ?? check();
  const shape = indices instanceof Tensor ? indices.shape : listShape(x.shape, d, all.length);
  const fits =
    shape.length === x.shape.length && shape.every((n, other) => other === d || n <= x.shape[other]);
  if (!fits) {
    throw new RangeError(
      `indices must have lengths up to those of x ${showShape(x.shape)}, but along axis ${d}; got ${showShape(shape)}`,
    );
  }
  const isWhole = shape.every((n, other) => other === d || n === x.shape[other]);
  if (!isWhole) {
    return pickRows(x, 1, placesOf(x.shape, d, shape, check()), { name: 'gather', shape, saved: [] });
  }
  const { integers, saved } = keptFor([x], all);
  const refused = given === null ? undefined : check;
  return pickAlong(x, lineOf(x.shape, d), integers, { name: 'gather', shape, saved, refused });
}

/** The shape of as many indices in a list. */
function listShape(shape: Shape, axis: number, count: number): Shape {
  const others = sizeOf(shape) / shape[axis];
  if (count === 0 || count % others !== 0) {
    throw new RangeError(
      `indices must be as many for each of ${others} lines of x ${showShape(shape)}, got ${count}`,
    );
  }
  return shape.with(axis, count / others);
}

/** Where in an array of `shape` the indices lead. */
function placesOf(shape: Shape, axis: number, from: Shape, indices: Int32Array): Int32Array {
  const places = new Int32Array(indices.length);
  const at = new Array<number>(from.length).fill(0);
  for (let i = 0; i < indices.length; i++) {
    let place = 0;
    for (let d = 0; d < shape.length; d++) place = place * shape[d] + (d === axis ? indices[i] : at[d]);
    places[i] = place;
    for (let d = from.length - 1; d >= 0; d--) {
      if (++at[d] < from[d]) break;
      at[d] = 0;
    }
  }
  return places;
}

/** See {@link oneHot}. */
export interface OneHotOptions {
  /** Default 'float32'. */
  readonly dtype?: DType;
}

const ONE_HOT_OPTIONS: OptionNames<OneHotOptions> = { dtype: true };

/**
 * Rows of zeros with a 1 at the index of each: a leaf; inside of `noGrad` a result like others.
 * @param indices whole numbers from 0 to classes - 1, or a tensor of them of any shape.
 * @param classes how long a row is. Default: one more than the largest index.
 * @returns [indices.length, classes]; of a tensor [...indices.shape, classes].
 */
export function oneHot(indices: Labels | Tensor, classes?: number, options: OneHotOptions = {}): Tensor {
  checkOptions('oneHot', options, ONE_HOT_OPTIONS);
  const { dtype = 'float32' } = options;
  checkDType('dtype', dtype);
  if (classes !== undefined) checkInteger('classes', classes, 1);
  const { integers, shape } = integersOf(indices, classes ?? MAX_INT32, isQueueing());
  if (integers.length === 0) throw new RangeError('indices must have at least one element, got none');
  const depth = classes ?? integers.reduce((most, index) => Math.max(most, index), 0) + 1;
  const size = integers.length * depth;
  const out = isRecording() ? alignedZeros(dtype, size) : pool.take(dtype, size);
  kernels().oneHot(integers.length, depth, 1, 0, integers, out);
  const lengths = [...shape, depth];
  return isRecording() ? tensor(out, lengths) : constant(out, lengths);
}
