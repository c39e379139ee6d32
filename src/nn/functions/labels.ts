import { isQueueing, settledArray } from '../../backend/stream.js';
import { checkLength, isShared } from '../../core/float-arrays.js';
import { type Shape, showShape } from '../../core/shapes.js';
import { show } from '../../core/validate.js';
import { isRecorded } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { elementsOf, Tensor } from '../engine/tensor.js';

/**
 * Class numbers: whole numbers from 0 to the number of classes - 1. An Int32Array, and the elements of a tensor of int32, are used
 * without a copy, but for one in a SharedArrayBuffer.
 */
export type Labels = Int32Array | Uint8Array | Uint16Array | Uint32Array | readonly number[] | Tensor;

/**
 * The labels as kernels take them: one for each row of `logits`, which errors call `name`, each the number of one of its columns, or -1 for rows
 * with the label `ignored`.
 */
export function checkLabels(
  labels: Labels,
  { shape }: Tensor,
  ignored?: number,
  name = 'logits',
): Int32Array {
  if (shape.length !== 2)
    throw new RangeError(`${name} must have shape [rows, classes], got ${showShape(shape)}`);
  const [rows, classes] = shape;
  const array = toIntegers('labels', labels, classes, ignored);
  if (array.length !== rows)
    throw new RangeError(`labels must have one label for each of ${rows} rows, got ${array.length}`);
  return array;
}

/** `values` as an Int32Array, each of them a whole number in [0, below), or -1 in place of `ignored`. */
export function toIntegers(name: string, values: Labels, below: number, ignored?: number): Int32Array {
  if (values instanceof Tensor) {
    const { requiresGrad, shape } = values;
    if (requiresGrad)
      throw new TypeError(`${name} must not require a gradient, got shape ${showShape(shape)}`);
    const elements = settledArray(elementsOf(values));
    return elements instanceof Int32Array
      ? toIntegers(name, elements, below, ignored)
      : wholeNumbers(name, elements, below, ignored);
  }
  const isList = Array.isArray(values) || values instanceof Uint8Array || values instanceof Uint16Array;
  if (!isList && !(values instanceof Int32Array) && !(values instanceof Uint32Array)) {
    throw new TypeError(`${name} must be an Int32Array or an array of whole numbers, got ${show(values)}`);
  }
  if (ArrayBuffer.isView(values)) checkLength(name, values);
  const inPlace = values instanceof Int32Array && ignored === undefined && !isShared(values);
  return wholeNumbers(name, values, below, ignored, inPlace ? values : undefined);
}

/** Whether all are in [0, below): in one pass without a branch, for there are many. */
function areBelow(integers: Int32Array, below: number): boolean {
  const last = below - 1;
  let signs = 0;
  for (let i = 0; i < integers.length; i++) signs |= integers[i] | (last - integers[i]);
  return signs >= 0;
}

/** The same of numbers of any kind. @param integers where to: `values` themselves, or a new array. */
export function wholeNumbers(
  name: string,
  values: ArrayLike<number>,
  below: number,
  ignored?: number,
  integers: Int32Array = new Int32Array(values.length),
): Int32Array {
  if (integers === values && areBelow(integers, below)) return integers;
  for (let i = 0; i < integers.length; i++) {
    // Read once: another thread may write to it.
    const value = values[i];
    const isIgnored = ignored !== undefined && value === ignored;
    if (!isIgnored && !(Number.isInteger(value) && value >= 0 && value < below)) {
      throw new RangeError(`${name}[${i}] must be a whole number from 0 to ${below - 1}, got ${show(value)}`);
    }
    if (integers !== values) integers[i] = isIgnored ? -1 : value;
  }
  return integers;
}

/**
 * Indices as they are given, for a kernel that copies and checks them itself: a pass of JavaScript takes longer than that. Null where
 * they have to be copied, and so checked, before. Who is refused asks {@link toIntegers}, which names the wrong one.
 */
export function asGiven(indices: Labels): Int32Array | null {
  const given: unknown = indices instanceof Tensor ? settledArray(elementsOf(indices)) : indices;
  if (!(given instanceof Int32Array) || isShared(given)) return null;
  checkLength('indices', given);
  return given;
}

/** Indices that the way back of an operation reads, and what `record` has to give back for them. */
interface Kept {
  readonly integers: Int32Array;
  readonly saved: readonly Int32Array[];
}

/** A copy of the indices, for the caller may have the next batch in the array by then; themselves where there is no way back. */
export function keptFor(inputs: readonly Tensor[], integers: Int32Array): Kept {
  if (!isRecorded(inputs)) return { integers, saved: [] };
  // Places in arrays are read when a kernel is queued: they cannot wait for an array of the pool.
  if (isQueueing()) return { integers: integers.slice(), saved: [] };
  const own = pool.take('int32', integers.length);
  settledArray(own).set(integers);
  return { integers: own, saved: [own] };
}

/**
 * The indices of a list or of a tensor.
 * @param kept whether somebody reads them later, such as backward(): they are a copy then, for the caller may have the next batch in the array by then.
 */
export function integersOf(
  indices: Labels,
  below: number,
  kept: boolean,
): { integers: Int32Array; shape: Shape } {
  const integers = toIntegers('indices', indices, below);
  const given = indices instanceof Tensor ? elementsOf(indices) : indices;
  const shape = indices instanceof Tensor ? indices.shape : [integers.length];
  return { integers: kept && integers === given ? integers.slice() : integers, shape };
}
