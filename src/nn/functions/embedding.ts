import { kernels } from '../../backend/select.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { type Shape, showShape } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { checkInteger, show } from '../../core/validate.js';
import { contribute, contributeRows, record, takeLike, type Variable } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { Tensor, tensorOf, variableOf } from '../engine/tensor.js';
import { type Labels, toIntegers } from './labels.js';

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
  const variable = variableOf('weight', weight);
  checkOptions('embedding', options, OPTIONS);
  const { paddingIndex } = options;
  const [rows] = variable.shape;
  if (rows === undefined) throw new RangeError('weight must have at least one dimension, got shape []');
  if (paddingIndex !== undefined) checkPaddingIndex(paddingIndex, rows);
  const { integers, shape } = integersOf(indices, rows);
  if (integers.length === 0) throw new RangeError('indices must have at least one element, got none');
  return tensorOf(gathered(variable, integers, shape, paddingIndex));
}

export function checkPaddingIndex(paddingIndex: unknown, rows: number): asserts paddingIndex is number {
  checkInteger('paddingIndex', paddingIndex, 0);
  if (paddingIndex >= rows) {
    throw new RangeError(`paddingIndex must be from 0 to ${rows - 1}, got ${show(paddingIndex)}`);
  }
}

/** The indices as a copy: backward() reads them, and the caller may have the next batch in the array by then. */
function integersOf(indices: Labels | Tensor, rows: number): { integers: Int32Array; shape: Shape } {
  if (indices instanceof Tensor) {
    const variable: Variable = variableOf('indices', indices);
    if (variable.needsGradient) {
      throw new TypeError(`indices must not require a gradient, got shape ${showShape(variable.shape)}`);
    }
    const integers = new Int32Array(variable.size);
    for (let i = 0; i < integers.length; i++) {
      const index = variable.array[i];
      if (!(Number.isInteger(index) && index >= 0 && index < rows)) {
        throw new RangeError(`indices[${i}] must be a whole number from 0 to ${rows - 1}, got ${index}`);
      }
      integers[i] = index;
    }
    return { integers, shape: variable.shape };
  }
  const integers = toIntegers('indices', indices, rows);
  return { integers: integers === indices ? integers.slice() : integers, shape: [integers.length] };
}

/**
 * The rows of `weight` with these numbers, which are in range and stay as they are: [...shape, ...] where `shape` has as
 * many elements. No gradient goes to the row with the number `padding`.
 */
function gathered(
  weight: Variable,
  rows: Int32Array,
  shape: readonly number[] = [rows.length],
  padding = -1,
): Variable {
  const [sourceRows, ...rest] = weight.shape;
  const columns = weight.size / sourceRows;
  const out = takeLike(weight, rows.length * columns);
  kernels().gatherRows(rows.length, columns, sourceRows, weight.array, rows, out);
  return record({
    name: 'embedding',
    shape: [...shape, ...rest],
    out,
    inputs: [weight],
    backward(gradient) {
      const used = rows.includes(padding) ? withoutRow(padding, rows, gradient, columns) : rows;
      if (weight.sparse) contributeRows(weight, used, gradient);
      else {
        contribute(weight, (into, accumulate) => {
          if (!accumulate) into.fill(0);
          kernels().scatterAddRows(columns, used.length, sourceRows, gradient, used, into);
        });
      }
      pool.release(gradient);
    },
  });
}

/** The other row numbers, whose gradients move up in place. */
function withoutRow(row: number, rows: Int32Array, gradient: FloatArray, columns: number): Int32Array {
  const kept = rows.filter((one) => one !== row);
  let to = 0;
  for (let r = 0; r < rows.length; r++) {
    if (rows[r] === row) continue;
    if (to !== r) gradient.copyWithin(to * columns, r * columns, (r + 1) * columns);
    to++;
  }
  return kept;
}
