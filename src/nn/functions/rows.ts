import { checkOptions, type OptionNames } from '../../core/options.js';
import { type Shape, showShape } from '../../core/shapes.js';
import { checkInteger, show } from '../../core/validate.js';
import type { Variable } from '../engine/autograd.js';
import { Tensor, tensorOf, variableOf } from '../engine/tensor.js';
import * as operations from '../operations/rows.js';
import { type Labels, toIntegers } from './labels.js';

/** See {@link embedding}. */
export interface EmbeddingOptions {
  /** The number of a row that no gradient is added to: what stands where there is nothing. Default: none. */
  readonly paddingIndex?: number;
}

const OPTIONS: OptionNames<EmbeddingOptions> = { paddingIndex: true };

/**
 * The rows of `weight` with these numbers: what a table has learnt of each word. Gradients are added to the rows they came
 * from, in the order of `indices`.
 * @param weight [rows, ...].
 * @param indices whole numbers in [0, rows); at least one. Or a tensor of such numbers, of any shape.
 * @returns [indices.length, ...]; of a tensor [...indices.shape, ...].
 */
export function embedding(weight: Tensor, indices: Labels | Tensor, options: EmbeddingOptions = {}): Tensor {
  const variable = variableOf('weight', weight);
  checkOptions('embedding', options, OPTIONS);
  const { paddingIndex } = options;
  const [rows] = variable.shape;
  if (rows === undefined) throw new RangeError('weight must have at least one dimension, got shape []');
  if (paddingIndex !== undefined) checkPaddingIndex(paddingIndex, rows);
  const { integers, shape } = integersOf(indices, rows);
  if (integers.length === 0) throw new RangeError('indices must have at least one element, got none');
  return tensorOf(operations.gatherRows(variable, integers, shape, paddingIndex));
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
