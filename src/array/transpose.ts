import type { Kernels } from '../backend/contract/kernels.js';
import { kernels } from '../backend/select.js';
import { isQueueing, settledArray } from '../backend/stream.js';
import { checkPermutation } from '../core/axes.js';
import { zerosLike } from '../core/float-arrays.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { passesFor } from '../core/permutation.js';
import { readShape, type Shape, showShape } from '../core/shapes.js';
import type { ElementArray, FloatArray } from '../core/types.js';
import { checkApart, checkFloats, checkSize, resultFor } from './operands.js';
import { copyRegion, FEW, stepsOf } from './strided.js';

/** See {@link transpose}. */
export interface TransposeOptions {
  /** Row-major lengths of x. */
  readonly shape: Shape;
  /** Where the result goes; shares no memory with x. Default: a new array of the element type of x. */
  readonly out?: FloatArray;
}

const TRANSPOSE_OPTIONS: OptionNames<TransposeOptions> = { shape: true, out: true };

/** See {@link permute}. */
export interface PermuteOptions extends TransposeOptions {
  /** For each dimension of the result, which one of x it is; negative ones count from the last. */
  readonly axes: readonly number[];
}

const PERMUTE_OPTIONS: OptionNames<PermuteOptions> = { shape: true, axes: true, out: true };

/**
 * x with its dimensions in another order: the result has the shape axes.map((axis) => shape[axis]).
 * @returns `out`, or a new array.
 * @throws TypeError or RangeError naming the argument that does not fit; nothing is then written.
 */
export function permute(x: FloatArray, options: PermuteOptions): FloatArray {
  checkOptions('permute', options, PERMUTE_OPTIONS);
  const { shape, axes, out } = options;
  checkFloats('x', x);
  const lengths = readShape('shape', shape);
  return permuted(x, lengths, checkPermutation(axes, lengths.length), out);
}

/**
 * x with its last two dimensions exchanged: [..., rows, columns] to [..., columns, rows].
 * @returns `out`, or a new array.
 * @throws TypeError or RangeError naming the argument that does not fit; nothing is then written.
 */
export function transpose(x: FloatArray, options: TransposeOptions): FloatArray {
  checkOptions('transpose', options, TRANSPOSE_OPTIONS);
  const { shape, out } = options;
  checkFloats('x', x);
  const lengths = readShape('shape', shape);
  const rank = lengths.length;
  if (rank < 2) throw new RangeError(`shape must have at least two dimensions, got ${showShape(lengths)}`);
  const axes = lengths.map((_, d) => (d < rank - 2 ? d : 2 * rank - 3 - d));
  return permuted(x, lengths, axes, out);
}

function permuted(x: FloatArray, shape: Shape, axes: readonly number[], out: unknown): FloatArray {
  checkSize('shape', shape, x);
  const result = resultFor(out, x.length, x);
  checkApart(result, 'x', x);
  if (x.length > 0) permuteInto(kernels(), shape, axes, x, result, () => zerosLike(x, x.length));
  return result;
}

/**
 * out = x with its dimensions in this order, which share no memory. `borrow` hands out an array for what more than four
 * dimensions need in between.
 */
export function permuteInto<A extends ElementArray>(
  kernels: Kernels,
  shape: Shape,
  axes: readonly number[],
  x: A,
  out: A,
  borrow: () => A,
): void {
  if (out.length <= FEW && !isQueueing()) {
    const steps = stepsOf(shape);
    const sizes = axes.map((axis) => shape[axis]);
    const from = { array: settledArray(x), start: 0, steps: axes.map((axis) => steps[axis]) };
    copyRegion(sizes, from, { array: settledArray(out), start: 0, steps: stepsOf(sizes) });
    return;
  }
  const passes = passesFor(shape, axes);
  const between = passes.length > 1 ? borrow() : out;
  let from = x;
  passes.forEach(({ order, lengths: [n0, n1, n2, n3] }, i) => {
    const to = (passes.length - i) % 2 === 1 ? out : between;
    kernels.permute(order, n0, n1, n2, n3, from, to);
    from = to;
  });
}
