import { type Labels, toIntegers } from '../labels.js';
import * as operations from '../operations/rows.js';
import { type Tensor, tensorOf, variableOf } from '../tensor.js';

/**
 * The rows of `weight` with these numbers, one below the other: what a table has learnt of each word. Gradients are added to
 * the rows they came from, in the order of `indices`.
 * @param weight [rows, ...].
 * @param indices whole numbers in [0, rows); at least one.
 * @returns [indices.length, ...].
 */
export function embedding(weight: Tensor, indices: Labels): Tensor {
  const variable = variableOf('weight', weight);
  const [rows] = variable.shape;
  if (rows === undefined) throw new RangeError('weight must have at least one dimension, got shape []');
  const integers = toIntegers('indices', indices, rows);
  if (integers.length === 0) throw new RangeError('indices must have at least one element, got none');
  // A copy: backward() reads them, and the caller may have the next batch in the array by then.
  return tensorOf(operations.gatherRows(variable, integers === indices ? integers.slice() : integers));
}
