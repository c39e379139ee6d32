import type { Binary } from '../../backend/contract/arguments.js';
import type { BinaryName } from '../../backend/contract/kernels.js';
import { copy, fill, kernels } from '../../backend/stream.js';
import { linesOf } from '../../core/axes.js';
import { Broadcast, broadcastShape, repeatedAxes } from '../../core/broadcasting.js';
import { isFloats, isFloatType, type TensorDType } from '../../core/dtypes.js';
import { type Shape, sameShape, showShape } from '../../core/shapes.js';
import type { ElementArray, FloatArray } from '../../core/types.js';
import { contribute, give, takeElements } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { Storage } from '../engine/storage.js';
import { arrayOf, checkTensor, makeTensor, type Tensor } from '../engine/tensor.js';
import { checkSameType } from './check.js';
import { giveSum } from './reductions.js';

// Operands of which lengths of 1 are repeated.

export interface Operand<A extends ElementArray = FloatArray> {
  readonly array: A;
  readonly shape: Shape;
}

export function operandOf(tensor: Tensor): Operand {
  return { array: arrayOf(tensor), shape: tensor.shape };
}

/**
 * What `record` takes of an operation on operands that are tensors of one element type, or numbers: a number is a tensor of
 * shape [], whose array is saved. And the shape that they have together.
 * @param mask one more, of an element type of its own
 */
export function meet(given: readonly unknown[], names: readonly string[], mask?: Tensor) {
  let like: Tensor | undefined;
  for (let k = 0; k < given.length; k++) {
    const one = given[k];
    if (typeof one === 'number') continue;
    checkTensor(names[k], one);
    like ??= one;
  }
  if (like === undefined) throw new TypeError('one of the operands must be a Tensor, got numbers');
  const saved: ElementArray[] = [];
  const inputs = given.map((one, k) => {
    if (typeof one !== 'number') {
      checkSameType(names[k], one, like);
      return one;
    }
    return numberLike(like, one, names[k], saved);
  });
  if (mask === undefined) return { inputs, saved, shape: shapeOf(inputs, names) };
  return { inputs, saved, shape: shapeOf([mask, ...inputs], ['condition', ...names]) };
}

/** A number as a tensor of shape []. */
function numberLike(like: Tensor, number: number, name: string, saved: ElementArray[]): Tensor {
  if (!isWithin(like.dtype, number))
    throw new RangeError(`${name} must be a whole number within ${like.dtype}, got ${number}`);
  const array = fill(takeElements(like, 1), number);
  saved.push(array);
  return makeTensor(Storage.temporary(array, like.dtype), []);
}

/** Whether an array of the element type holds the number, rounded where it is one of floats. */
function isWithin(dtype: TensorDType, number: number): boolean {
  return isFloatType(dtype) || number === (dtype === 'int32' ? number | 0 : number & 255);
}

function shapeOf(operands: readonly Tensor[], names: readonly string[]): Shape {
  const [first] = operands;
  if (operands.every((one) => sameShape(one.shape, first.shape))) return first.shape;
  const shape = broadcastShape(operands.map((one) => one.shape));
  if (shape !== undefined) return shape;
  const shown = operands.map((one, k) => `${names[k]} ${showShape(one.shape)}`).join(', ');
  throw new RangeError(`shapes must be equal but for lengths of 1 (counted from the last), got ${shown}`);
}

/** out = the function of two operands, in the shape they have together. */
export function apply(
  name: BinaryName | 'squaredDifference' | 'floorDiv' | 'floorMod',
  a: Operand,
  b: Operand,
  shape: Shape,
  out: FloatArray,
): void {
  const kernel: Binary = kernels()[name];
  if (sameShape(a.shape, b.shape)) {
    kernel(0, 1, 1, out.length, a.array, b.array, out);
    return;
  }
  const broadcast = new Broadcast([a.shape, b.shape], shape);
  const { layout, outer, rows, columns } = broadcast;
  broadcast.run([a.array, b.array], out, ([x, y], to) => kernel(layout, outer, rows, columns, x, y, to));
}

/** out = a or b, by the condition, which is a mask or of floats: [condition, a, b]. */
export function select(operands: readonly Operand<ElementArray>[], shape: Shape, out: FloatArray): void {
  const shapes = operands.map((operand) => operand.shape);
  const broadcast = new Broadcast(shapes, shape);
  const { layout, outer, rows, columns } = broadcast;
  const arrays = operands.map(({ array }) => array);
  broadcast.run(arrays, out, ([c, x, y], to) => {
    if (c instanceof Uint8Array) kernels().select(layout, outer, rows, columns, c, x, y, to);
    else if (isFloats(c) && isFloats(x) && isFloats(y) && isFloats(to))
      kernels().where(layout, outer, rows, columns, c, x, y, to);
  });
}

/** Adds `gradient`, summed over what the operand was repeated along, to that of the operand. */
export function addSummed(operand: Tensor, shape: Shape, gradient: FloatArray): void {
  if (operand.size !== gradient.length) {
    giveSum(operand, linesOf(shape, repeatedAxes(operand.shape, shape)), gradient);
    return;
  }
  contribute(operand, (into, accumulate) => {
    if (accumulate) kernels().add(0, 1, 1, into.length, into, gradient, into);
    else copy(gradient, into);
  });
}

/** The same for an array from the pool, which is then not the caller's any more. */
export function giveSummed(operand: Tensor, shape: Shape, gradient: FloatArray): void {
  if (operand.size === gradient.length) give(operand, gradient);
  else {
    addSummed(operand, shape, gradient);
    pool.release(gradient);
  }
}
