import { isBusy, isQueueing, kernels, settledArray } from '../../backend/stream.js';
import { checkAxis, lineOf } from '../../core/axes.js';
import { zeros } from '../../core/dtypes.js';
import { subarray } from '../../core/float-arrays.js';
import { checkUnlocked } from '../../core/locks.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { ElementArray } from '../../core/types.js';
import { MAX_INT32 } from '../../core/validate.js';
import { written } from '../../core/written.js';
import { constant } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { Storage } from '../engine/storage.js';
import { arrayOf, checkTensor, elementsOf, makeTensor, storageOf, type Tensor } from '../engine/tensor.js';
import { checkSameShape } from './check.js';
import { checkLabels, type Labels, toIntegers } from './labels.js';

/** See {@link gatherRows}. */
export interface GatherRowsOptions {
  /** A tensor [indices.length, ...] to write to, so that every batch uses the same memory. Default: a new one. */
  readonly out?: Tensor;
}

const OPTIONS: OptionNames<GatherRowsOptions> = { out: true };

/**
 * The rows of `source` with these indices, one below the other: a batch. It is a leaf; no gradient flows to `source`.
 *
 * @param source [rows, ...].
 * @param indices whole numbers in [0, rows).
 */
export function gatherRows(source: Tensor, indices: Labels, options: GatherRowsOptions = {}): Tensor {
  checkTensor('source', source);
  checkOptions('gatherRows', options, OPTIONS);
  const { out: given } = options;
  const [sourceRows, ...rest] = source.shape;
  if (sourceRows === undefined) throw new RangeError('source must have at least one dimension, got shape []');
  if (source.requiresGrad)
    throw new TypeError('source must not require a gradient: gatherRows() passes none on');
  const rowNumbers = toIntegers('indices', indices, sourceRows);
  const shape = [rowNumbers.length, ...rest];
  const columns = source.size / sourceRows;
  const out =
    given ??
    makeTensor(Storage.permanent(zeros(source.dtype, rowNumbers.length * columns), source.dtype), shape);
  checkSameShape('out', out, source, shape);
  checkUnlocked(out);
  if (storageOf(out).isTemporary) throw new TypeError('out must be a leaf, as tensor() makes it');
  moveRows(rowNumbers, columns, sourceRows, elementsOf(source), elementsOf(out));
  out[written]();
  return out;
}

/** Copies the rows with these numbers: here, beside what is queued, where that is of other memory. */
function moveRows(
  rows: Int32Array,
  columns: number,
  count: number,
  from: ElementArray,
  to: ElementArray,
): void {
  if (!isQueueing() || isBusy(from) || isBusy(to)) {
    kernels().gatherRows(rows.length, columns, count, from, rows, to);
    return;
  }
  for (const [r, row] of rows.entries()) {
    to.set(subarray(from, row * columns, (row + 1) * columns), r * columns);
  }
}

function position(name: 'argmax' | 'argmin') {
  return (x: Tensor, axis = -1): Tensor => {
    checkTensor('x', x);
    const d = checkAxis('axis', axis, x.shape.length);
    const { outer, count, inner } = lineOf(x.shape, d);
    if (count > MAX_INT32)
      throw new RangeError(`the axis of x must have at most ${MAX_INT32} elements, got ${count}`);
    const positions = pool.take('int32', outer * inner);
    kernels()[name](outer, count, inner, arrayOf(x), positions);
    return constant(positions, x.shape.toSpliced(d, 1));
  };
}

/**
 * Where along an axis the largest element is, the first of them; NaN counts as the largest.
 * @param axis from -rank to rank - 1. Default -1, the last: of a matrix, the column for each row. (PyTorch's default is the place
 *   in all of x.)
 * @returns int32, of the shape of x without the axis.
 */
export const argmax = position('argmax');
/** Where along an axis the smallest element is, as {@link argmax}; NaN counts as the smallest. */
export const argmin = position('argmin');

/** The share of rows of `logits` [rows, classes] whose largest element is at the label. */
export function accuracy(logits: Tensor, labels: Labels): number {
  checkTensor('logits', logits);
  const expected = checkLabels(labels, logits);
  const predicted = settledArray(elementsOf(argmax(logits)));
  let right = 0;
  for (let r = 0; r < predicted.length; r++) if (predicted[r] === expected[r]) right++;
  return right / predicted.length;
}
