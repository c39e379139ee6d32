import { kernels } from '../backend/select.js';
import { checkOptions, type OptionNames } from '../core/options.js';

import type { FloatArray } from '../core/types.js';
import { checkInteger } from '../core/validate.js';
import { checkApart, checkFloats, checkSameType, resultFor } from './operands.js';
import { checkIndices } from './ordering.js';

/** See {@link gatherRows}. */
export interface GatherRowsOptions {
  /** Elements to a row. */
  readonly columns: number;
  /** Where the result goes. Default: a new array of the element type of `source`. */
  readonly out?: FloatArray;
}

const GATHER_OPTIONS: OptionNames<GatherRowsOptions> = { columns: true, out: true };

/** See {@link scatterAddRows}. */
export interface ScatterAddRowsOptions {
  /** Elements to a row. */
  readonly columns: number;
  /** What is added to: [rows, columns]. */
  readonly out: FloatArray;
}

const SCATTER_ADD_OPTIONS: OptionNames<ScatterAddRowsOptions> = { columns: true, out: true };

/**
 * The rows of `source` with these numbers, one below the other: out[r] = source[indices[r]].
 * @param source [rows, columns].
 * @param indices whole numbers in [0, rows).
 * @returns [indices.length, columns]: `out`, or a new array.
 * @throws TypeError or RangeError naming the argument that does not fit; nothing is then written.
 */
export function gatherRows(source: FloatArray, indices: Int32Array, options: GatherRowsOptions): FloatArray {
  checkOptions('gatherRows', options, GATHER_OPTIONS);
  const { columns, out } = options;
  checkFloats('source', source);
  const rows = rowsOf('source', source, columns);
  const rowNumbers = checkIndices(indices, rows);
  const result = resultFor(out, rowNumbers.length * columns, source);
  checkApart(result, 'source', source);
  checkApart(result, 'indices', indices);
  kernels().gatherRows(rowNumbers.length, columns, rows, source, rowNumbers, result);
  return result;
}

/**
 * Adds rows to the rows with these numbers, in their order: out[indices[r]] += source[r]. The same bits on every target
 * and for any number of threads.
 * @param source [indices.length, columns].
 * @param indices whole numbers in [0, rows of out); may repeat.
 * @returns `out`
 * @throws TypeError or RangeError naming the argument that does not fit; nothing is then written.
 */
export function scatterAddRows(
  source: FloatArray,
  indices: Int32Array,
  options: ScatterAddRowsOptions,
): FloatArray {
  checkOptions('scatterAddRows', options, SCATTER_ADD_OPTIONS);
  const { columns, out } = options;
  checkFloats('source', source);
  checkFloats('out', out);
  checkSameType('out', out, source);
  const rows = rowsOf('out', out, columns);
  const rowNumbers = checkIndices(indices, rows);
  if (source.length !== rowNumbers.length * columns) {
    throw new RangeError(
      `source must have ${rowNumbers.length} rows of ${columns} elements, got ${source.length} elements`,
    );
  }
  checkApart(out, 'source', source);
  checkApart(out, 'indices', indices);
  kernels().scatterAddRows(columns, rowNumbers.length, rows, source, rowNumbers, out);
  return out;
}

function rowsOf(name: string, array: FloatArray, columns: unknown): number {
  checkInteger('columns', columns, 1);
  if (array.length % columns !== 0) {
    throw new RangeError(`${name} must have whole rows of ${columns} elements, got ${array.length} elements`);
  }
  return array.length / columns;
}
