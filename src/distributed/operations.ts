import { settledArray } from '../backend/stream.js';
import { elementTypeOf, isElements, zeros } from '../core/dtypes.js';
import { checkLength, lengthOf, subarray } from '../core/float-arrays.js';
import { checkUnlocked } from '../core/locks.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import type { ElementArray } from '../core/types.js';
import { checkInteger, checkOneOf, show } from '../core/validate.js';
import { written } from '../core/written.js';
import { Tensor, tensor } from '../nn/index.js';
import { partsOf } from './programs/span.js';
import { REDUCTIONS, type Reduction, type Traffic, type World, world } from './world.js';

/** What processes can exchange: arrays, and tensors of any element type. */
export type Exchangeable = ElementArray | Tensor;

/** What every operation takes. */
export interface OperationOptions {
  /** What it is called in the message about a process that is late. Default: its name. */
  readonly label?: string;
}

/** See {@link allReduce} and {@link reduceScatter}. */
export interface ReduceOptions extends OperationOptions {
  /** How elements become one: their sum, or the smallest or largest of them, which is NaN where one is. Default `'sum'`. */
  readonly op?: Reduction;
}

/** See {@link broadcast}. */
export interface BroadcastOptions extends OperationOptions {
  /** The process whose elements all get. Default 0. */
  readonly root?: number;
}

const OPERATION_OPTIONS: OptionNames<OperationOptions> = { label: true };
const REDUCE_OPTIONS: OptionNames<ReduceOptions> = { op: true, label: true };
const BROADCAST_OPTIONS: OptionNames<BroadcastOptions> = { root: true, label: true };

/**
 * Sums x over all processes, in its place: for each element their elements in the order of ranks, neighbours first, then the sums of
 * neighbours. The bits are those of that tree, so the same in every process and for any library of MPI; `fit` has another one,
 * over micro-batches, whose bits do not depend on the number of processes.
 *
 * Until it comes, x must not be read or written to. All processes must call it, with as many elements of the same type.
 *
 * @param x of any element type; whole numbers are added modulo 2^32, or 2^8.
 * @returns x
 */
export async function allReduce<X extends Exchangeable>(x: X, options: ReduceOptions = {}): Promise<X> {
  checkOptions('allReduce', options, REDUCE_OPTIONS);
  const { op = 'sum', label = 'allReduce' } = options;
  checkReduction(op, x);
  checkLabel(label);
  const array = writableOf('x', x);
  await world().reduce(array, op, label);
  tellWritten(x);
  return x;
}

/**
 * Gives every process what x is at `root`, in its place.
 * @param x as many elements of the same type in all of them.
 * @returns x
 */
export async function broadcast<X extends Exchangeable>(x: X, options: BroadcastOptions = {}): Promise<X> {
  checkOptions('broadcast', options, BROADCAST_OPTIONS);
  const { root = 0, label = 'broadcast' } = options;
  const ranks = world();
  checkInteger('root', root, 0);
  if (root >= ranks.size) throw new RangeError(`root must be a rank below ${ranks.size}, got ${root}`);
  checkLabel(label);
  const array = writableOf('x', x);
  await ranks.broadcast(array, root, label);
  tellWritten(x);
  return x;
}

/**
 * The elements of all processes, in the order of their ranks.
 * @param x as many elements of the same type in all of them; it stays as it is.
 * @returns of an array one that is `size` times as long, of a tensor of shape [...s] one of shape [size, ...s], without a gradient.
 */
export async function allGather<X extends Exchangeable>(x: X, options: OperationOptions = {}): Promise<X> {
  checkOptions('allGather', options, OPERATION_OPTIONS);
  const { label = 'allGather' } = options;
  checkLabel(label);
  const ranks = world();
  const array = elementsOf('x', x);
  const length = lengthOf(array);
  const whole = newLike(array, length * ranks.size);
  whole.set(settledArray(array), length * ranks.rank);
  await ranks.gatherParts(whole, equalPartition(length, ranks), label);
  return like(x, whole, x instanceof Tensor ? [ranks.size, ...x.shape] : []);
}

/**
 * Sums x over all processes as {@link allReduce} does, of which each gets its part.
 * @param x as many elements of the same type in all of them, a multiple of `size`; it stays as it is. Of a tensor the first
 *   length must be that multiple.
 * @returns the part `rank` of `size` equal ones, without a gradient.
 */
export async function reduceScatter<X extends Exchangeable>(x: X, options: ReduceOptions = {}): Promise<X> {
  checkOptions('reduceScatter', options, REDUCE_OPTIONS);
  const { op = 'sum', label = 'reduceScatter' } = options;
  checkReduction(op, x);
  checkLabel(label);
  const ranks = world();
  const array = elementsOf('x', x);
  const rows = x instanceof Tensor ? (x.shape[0] ?? 0) : lengthOf(array);
  if (rows === 0 || rows % ranks.size !== 0) {
    const what = x instanceof Tensor ? 'the first length of x' : 'the length of x';
    throw new RangeError(`${what} must be a multiple of the ${ranks.size} processes, got ${rows}`);
  }
  const scratch = newLike(array, lengthOf(array));
  scratch.set(settledArray(array));
  const partition = equalPartition(lengthOf(array) / ranks.size, ranks);
  await ranks.reduce(scratch, op, label, partition);
  const part = partsOf(partition)[ranks.rank] ?? { begin: 0, end: 0 };
  const own = newLike(array, part.end - part.begin);
  own.set(subarray(scratch, part.begin, part.end));
  return like(x, own, x instanceof Tensor ? [rows / ranks.size, ...x.shape.slice(1)] : []);
}

/** Comes once all processes have called it. */
export async function barrier(options: OperationOptions = {}): Promise<void> {
  checkOptions('barrier', options, OPERATION_OPTIONS);
  const { label = 'barrier' } = options;
  checkLabel(label);
  await world().barrier(label);
}

function checkReduction(op: unknown, x: unknown): asserts op is Reduction {
  checkOneOf('op', op, REDUCTIONS);
  if (op === 'sum' && x instanceof Tensor && x.dtype === 'bool') {
    throw new TypeError("op must be 'min' or 'max' for a bool tensor: whether all are true, or any");
  }
}

function checkLabel(label: unknown): asserts label is string {
  if (typeof label !== 'string') throw new TypeError(`label must be a string, got ${show(label)}`);
}

const equalPartition = (length: number, { size }: World) =>
  Array.from({ length: size + 1 }, (_, rank) => rank * length);

const newLike = (array: ElementArray, length: number): ElementArray => zeros(elementTypeOf(array), length);

function elementsOf(name: string, x: unknown): ElementArray {
  if (x instanceof Tensor) return x.data;
  if (!isElements(x)) {
    throw new TypeError(
      `${name} must be a Float32Array, Float64Array, Int32Array, Uint8Array or Tensor, got ${show(x)}`,
    );
  }
  checkLength(name, x);
  return x;
}

/** As {@link elementsOf}, of what may be written to. */
function writableOf(name: string, x: unknown): ElementArray {
  if (x instanceof Tensor) {
    if (!x.isLeaf) {
      throw new Error(
        `${name} is written to in place, which is not recorded, but gradients flow through it: give its detach().clone()`,
      );
    }
    checkUnlocked(x);
  }
  return elementsOf(name, x);
}

function tellWritten(x: Exchangeable): void {
  if (x instanceof Tensor) x[written]();
}

/** The elements as x has them. */
function like<X extends Exchangeable>(x: X, array: ElementArray, shape: readonly number[]): X;
function like(x: Exchangeable, array: ElementArray, shape: readonly number[]): Exchangeable {
  return x instanceof Tensor ? tensor(array, shape, { dtype: x.dtype }) : array;
}

/** What this process has sent to others and received from them since `init()`. */
export function traffic(): Traffic {
  return world().traffic;
}
