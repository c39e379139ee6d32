import { showShape, sizeOf } from '../core/shapes.js';
import { checkInteger, checkObject, show } from '../core/validate.js';
import type { Dataset } from '../data/index.js';
import { Tensor, tensor } from '../nn/index.js';

/** What a loss compares an output with: class numbers, or a tensor. */
export type Target = Int32Array | Tensor;

/**
 * Rows to learn from.
 *
 * `x` is [rows, ...]. `y` is a tensor [rows, ...], or whole numbers, the same number of them for each row: one class, or one
 * for each position of a sequence.
 */
export interface Examples<Y extends Target = Target> {
  readonly x: Tensor;
  readonly y: Y;
}

/** How many rows there are. @throws TypeError or RangeError naming what does not fit. */
export function checkExamples(name: string, data: unknown): number {
  checkObject(name, data);
  const { x, y } = data;
  if (!(x instanceof Tensor)) {
    throw new TypeError(
      `${name}.x must be a Tensor, got ${show(x)}; examplesOf() makes examples of a data set, tensor() of an array`,
    );
  }
  const [rows] = x.shape;
  if (rows === undefined) throw new RangeError(`${name}.x must have a dimension of rows, got shape []`);
  if (x.requiresGrad) throw new TypeError(`${name}.x must not require a gradient`);
  if (y instanceof Int32Array) {
    if (y.length === 0 || y.length % rows !== 0) {
      throw new RangeError(`${name}.y must have as many numbers for each of ${rows} rows, got ${y.length}`);
    }
  } else if (y instanceof Tensor) {
    if (y.shape[0] !== rows) {
      throw new RangeError(`${name}.y must have ${rows} rows as x has, got shape ${showShape(y.shape)}`);
    }
    if (y.requiresGrad) throw new TypeError(`${name}.y must not require a gradient`);
  } else {
    throw new TypeError(`${name}.y must be an Int32Array of whole numbers or a Tensor, got ${show(y)}`);
  }
  return rows;
}

/**
 * The rows of a data set, in place, as `fit` takes them.
 * @param shape that of one row, for layers that want images: [28, 28, 1]. Default: [columns].
 */
export function examplesOf(
  dataset: Dataset,
  shape: readonly number[] = [dataset?.columns],
): Examples<Int32Array> {
  checkObject('dataset', dataset);
  if (!Array.isArray(shape)) {
    throw new TypeError(`shape must be an array of the lengths of one row, got ${show(shape)}`);
  }
  const { features, labels, rows, columns } = dataset;
  for (const [i, length] of shape.entries()) checkInteger(`shape[${i}]`, length, 1);
  if (sizeOf(shape) !== columns) {
    throw new RangeError(`shape must hold the ${columns} columns of a row, got ${show(shape)}`);
  }
  return { x: tensor(features, [rows, ...shape]), y: labels };
}

/** Rows [from, to) of a tensor or of class numbers, in the same memory, but for a copy of what is of bool. */
export function sliceRows<Y extends Target>(values: Y, rows: number, from: number, to: number): Y;
export function sliceRows(values: Target, rows: number, from: number, to: number): Target {
  if (values instanceof Tensor) {
    const perRow = values.size / rows;
    const part = values.data.subarray(from * perRow, to * perRow);
    return tensor(part, [to - from, ...values.shape.slice(1)], { dtype: values.dtype });
  }
  const perRow = values.length / rows;
  return values.subarray(from * perRow, to * perRow);
}
