import { fill, kernels, settledArray } from '../../backend/stream.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { FloatArray } from '../../core/types.js';
import { checkInteger, show } from '../../core/validate.js';
import { contribute, contributeRows, record, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, checkTensor, type Tensor } from '../engine/tensor.js';
import { integersOf, type Labels } from './labels.js';

/** See {@link embedding}. */
export interface EmbeddingFunctionOptions {
  /** The number of a row that no gradient is added to: what stands where there is nothing. Default: none. */
  readonly paddingIndex?: number;
}

const OPTIONS: OptionNames<EmbeddingFunctionOptions> = { paddingIndex: true };

/**
 * The rows of `weight` with these numbers: what a table has learnt of each word. Gradients are added to the rows they came
 * from, in the order of `indices`.
 * @param weight [rows, ...].
 * @param indices whole numbers in [0, rows); at least one. Or a tensor of such numbers, of any shape.
 * @returns [indices.length, ...]; of a tensor [...indices.shape, ...].
 */
export function embedding(
  weight: Tensor,
  indices: Labels | Tensor,
  options: EmbeddingFunctionOptions = {},
): Tensor {
  checkTensor('weight', weight);
  checkOptions('embedding', options, OPTIONS);
  const { paddingIndex } = options;
  const [rows, ...rest] = weight.shape;
  if (rows === undefined) throw new RangeError('weight must have at least one dimension, got shape []');
  if (paddingIndex !== undefined) checkPaddingIndex(paddingIndex, rows);
  const { integers, shape } = integersOf(indices, rows, true);
  if (integers.length === 0) throw new RangeError('indices must have at least one element, got none');
  const columns = weight.size / rows;
  const out = takeLike(weight, integers.length * columns);
  kernels().gatherRows(integers.length, columns, rows, arrayOf(weight), integers, out);
  return record({ name: 'embedding', shape: [...shape, ...rest], out, inputs: [weight] }, (gradient) => {
    const used = withoutRow(paddingIndex, integers, gradient, columns);
    if (isSparse(weight)) contributeRows(weight, used, gradient);
    else {
      contribute(weight, (into, accumulate) => {
        if (!accumulate) fill(into, 0);
        kernels().scatterAddRows(columns, used.length, rows, gradient, used, into);
      });
    }
    pool.release(gradient);
  });
}

const sparse = new WeakSet<Tensor>();

/** Whether looking up rows of it adds to its `rowGrad`. */
export function isSparse(weight: Tensor): boolean {
  return sparse.has(weight);
}

/** Has looking up rows of `weight` add to its `rowGrad` rather than to its `grad`. */
export function makeSparse(weight: Tensor): void {
  sparse.add(weight);
}

export function checkPaddingIndex(paddingIndex: unknown, rows: number): asserts paddingIndex is number {
  checkInteger('paddingIndex', paddingIndex, 0);
  if (paddingIndex >= rows) {
    throw new RangeError(`paddingIndex must be from 0 to ${rows - 1}, got ${show(paddingIndex)}`);
  }
}

/** The numbers of other rows, whose gradients move up in place. */
function withoutRow(
  row: number | undefined,
  rows: Int32Array,
  gradient: FloatArray,
  columns: number,
): Int32Array {
  if (row === undefined || !rows.includes(row)) return rows;
  const kept = rows.filter((one) => one !== row);
  let to = 0;
  for (let r = 0; r < rows.length; r++) {
    if (rows[r] === row) continue;
    if (to !== r) settledArray(gradient).copyWithin(to * columns, r * columns, (r + 1) * columns);
    to++;
  }
  return kept;
}
