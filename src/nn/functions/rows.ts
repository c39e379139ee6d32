import { kernels } from '../../backend/select.js';
import { zeros } from '../../core/dtypes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { sameShape, showShape } from '../../core/shapes.js';
import { MAX_INT32 } from '../../core/validate.js';
import type { Variable } from '../engine/autograd.js';
import { type Tensor, tensor, variableOf } from '../engine/tensor.js';
import { checkSameType } from './check.js';
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
  const from = variableOf('source', source);
  checkOptions('gatherRows', options, OPTIONS);
  const { out: given } = options;
  const [sourceRows, ...rest] = from.shape;
  if (sourceRows === undefined) throw new RangeError('source must have at least one dimension, got shape []');
  if (from.needsGradient)
    throw new TypeError('source must not require a gradient: gatherRows() passes none on');
  const rowNumbers = toIntegers('indices', indices, sourceRows);
  const shape = [rowNumbers.length, ...rest];
  const columns = from.size / sourceRows;
  const out = given ?? tensor(zeros(from.dtype, rowNumbers.length * columns), shape);
  const to = variableOf('out', out);
  checkSameType('out', to, from);
  if (!sameShape(to.shape, shape)) {
    throw new RangeError(`out must have shape ${showShape(shape)}, got ${showShape(to.shape)}`);
  }
  if (to.storage.isTemporary) throw new TypeError('out must be a leaf, as tensor() makes it');
  kernels().gatherRows(rowNumbers.length, columns, sourceRows, from.array, rowNumbers, to.array);
  to.storage.written();
  return out;
}

function argmaxOf(name: string, { shape, array }: Variable): Int32Array {
  if (shape.length !== 2)
    throw new RangeError(`${name} must have shape [rows, columns], got ${showShape(shape)}`);
  const [rows, columns] = shape;
  if (columns > MAX_INT32)
    throw new RangeError(`${name} must have at most ${MAX_INT32} columns, got ${columns}`);
  const positions = new Int32Array(rows);
  kernels().argmax(rows, columns, 1, array, positions);
  return positions;
}

/** For each row of x [rows, columns], the column of its (first) largest element; NaN counts as the largest. */
export function argmax(x: Tensor): Int32Array {
  return argmaxOf('x', variableOf('x', x));
}

/** The share of rows of `logits` [rows, classes] whose largest element is at the label. */
export function accuracy(logits: Tensor, labels: Labels): number {
  const variable = variableOf('logits', logits);
  const expected = checkLabels(labels, variable);
  const predicted = argmaxOf('logits', variable);
  let right = 0;
  for (let r = 0; r < predicted.length; r++) if (predicted[r] === expected[r]) right++;
  return right / predicted.length;
}
