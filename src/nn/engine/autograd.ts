import { RowGradient } from '../../array/row-gradient.js';
import { copy, fill, kernels, settledArray } from '../../backend/stream.js';
import { dtypeOf, isFloats, type TensorDType } from '../../core/dtypes.js';
import { checkUnlocked } from '../../core/locks.js';
import { type Shape, showShape } from '../../core/shapes.js';
import type { ElementArray, FloatArray } from '../../core/types.js';
import { show } from '../../core/validate.js';
import { pool } from './pool.js';
import { Storage, tick } from './storage.js';
import {
  type Backward,
  type Detail,
  floatTypeOf,
  makeTensor,
  nodeOf,
  type Operation,
  storageOf,
  type Tensor,
} from './tensor.js';

// The temporary storages made inside the innermost noGrad(), or null outside of one.
let unrecorded: Storage[] | null = null;

// Those of constants made inside the innermost compose(), or null outside of one.
let constants: Storage[] | null = null;

/** An array from the pool, of the tensor's element type. */
export function takeLike(tensor: Tensor, size = tensor.size): FloatArray {
  return pool.take(floatTypeOf(tensor), size);
}

/** The same of any element type. */
export function takeElements({ dtype, size: own }: Tensor, size = own): ElementArray {
  return pool.take(dtype, size);
}

/** Whether an operation's result is its input's memory, which is then the input's to release. */
function isView(storage: Storage, inputs: readonly Tensor[]): boolean {
  return inputs.some((input) => storageOf(input) === storage);
}

/** Whether gradients may be asked for of what is made of these. */
export function isRecorded(inputs: readonly Tensor[]): boolean {
  return unrecorded === null && inputs.some((input) => input.requiresGrad);
}

/** Whether operations are recorded at all. */
export function isRecording(): boolean {
  return unrecorded === null;
}

const NONE: readonly never[] = [];

/** What an operation made of its inputs: see {@link record}. */
interface Result {
  /** What the operation is called in errors. */
  readonly name: string;
  readonly detail?: Detail;
  /** Default: that of the first input. */
  readonly shape?: Shape;
  /** The elements: an array from the pool, or the storage of the input that the result is a view of. */
  readonly out: ElementArray | Storage;
  readonly inputs: readonly Tensor[];
  /** The inputs whose values `backward` reads. Default: none. */
  readonly reads?: readonly Tensor[] | undefined;
  /** Whether it also reads the output's. Default false. */
  readonly readsOutput?: boolean;
  /** Other arrays from the pool that it reads. */
  readonly saved?: readonly ElementArray[];
  /** Whether it takes a gradient of one element in the place of as many that are the same: what a sum hands on. Default false. */
  readonly takesUniform?: boolean;
}

function storageFor(out: ElementArray | Storage, inputs: readonly Tensor[]): Storage {
  if (out instanceof Storage) return out;
  return isFloats(out) ? Storage.temporary(out) : Storage.temporary(out, inputs[0].dtype);
}

/** Notes what nothing goes back through, for noGrad() or compose() to release at its end. */
function keepTrack(storage: Storage): void {
  (unrecorded ?? constants)?.push(storage);
}

/** A result that no gradient flows through, in an array from the pool: noGrad() gives it back, as what {@link record} makes. */
export function constant(array: ElementArray, shape: Shape, dtype?: TensorDType): Tensor {
  const storage = Storage.temporary(array, dtype);
  keepTrack(storage);
  return makeTensor(storage, shape);
}

/** The result of an operation: `backward` runs where gradients are wanted, else `saved` goes back to the pool. */
export function record(result: Result, backward: Backward): Tensor {
  const { name, detail, inputs, out, saved = NONE } = result;
  const { shape = inputs[0].shape, reads = NONE, readsOutput = false, takesUniform = false } = result;
  const storage = storageFor(out, inputs);
  if (!isRecorded(inputs)) {
    if (storage.isTemporary && !isView(storage, inputs)) keepTrack(storage);
    for (const array of saved) pool.release(array);
    return makeTensor(storage, shape);
  }
  const order = tick();
  const operation: Operation = {
    isLeaf: false,
    name,
    detail,
    order,
    storage,
    inputs,
    reads,
    saved,
    backward,
    takesUniform,
    gradient: null,
    isUniform: false,
  };
  const output = makeTensor(storage, shape, operation);
  // Most that read their output read nothing else, and to spread nothing takes as long as the rest of this.
  if (readsOutput) operation.reads = reads.length === 0 ? [output] : [...reads, output];
  return output;
}

/**
 * The result of `fn`, which computes with operations. What it makes that needs no gradient goes back to the pool with the
 * graph: the way back of all of it ends in a view of an input, which was recorded first.
 */
export function compose(inputs: readonly Tensor[], fn: (inputs: readonly Tensor[]) => Tensor): Tensor {
  const held = inputs.find((input) => input.requiresGrad);
  if (held === undefined || !isRecorded(inputs)) return fn(inputs);
  const saved: ElementArray[] = [];
  const view = record({ name: 'compose', out: storageOf(held), inputs: [held], saved }, (gradient) =>
    give(held, gradient),
  );
  const { result, constants: inner } = recording(() =>
    fn(inputs.map((input) => (input === held ? view : input))),
  );
  for (const { array } of inner) saved.push(array);
  return result;
}

/** What `backward` of a product reads: each factor for the gradient of the other. */
export function factorsRead(a: Tensor, b: Tensor): readonly Tensor[] {
  if (a.requiresGrad) return b.requiresGrad ? [a, b] : [b];
  return b.requiresGrad ? [a] : NONE;
}

/** Adds `array` to the gradient of `tensor`, which takes the array over. */
export function give(tensor: Tensor, array: FloatArray): void {
  const node = nodeOf(tensor);
  if (node !== null && node.gradient === null) {
    node.gradient = array;
    return;
  }
  contribute(tensor, (into, accumulate) => {
    if (accumulate === 0) copy(array, into);
    else kernels().add(0, 1, 1, tensor.size, into, array, into);
  });
  pool.release(array);
}

/**
 * As {@link give}, of one element that is the gradient by each of the tensor's: written out where somebody needs them all, or
 * another gradient joins it.
 */
export function giveUniform(tensor: Tensor, one: FloatArray): void {
  const node = nodeOf(tensor);
  if (node !== null && !node.isLeaf && node.gradient === null) {
    node.gradient = one;
    node.isUniform = true;
    return;
  }
  contribute(tensor, (into, accumulate) => repeat(one, into, accumulate));
  pool.release(one);
}

function repeat(one: FloatArray, into: FloatArray, accumulate: 0 | 1): void {
  kernels().sumBackward(1, into.length, 1, accumulate, 1, one, into);
}

/** Writes out a gradient that is uniform. */
function writeOut(operation: Operation): void {
  const { gradient: one, storage } = operation;
  if (one === null || !operation.isUniform) return;
  const all = pool.take(dtypeOf(one), storage.array.length);
  repeat(one, all, 0);
  pool.release(one);
  operation.gradient = all;
  operation.isUniform = false;
}

/**
 * Has `write` make the gradient of `tensor` out of that of the operation's output, `gradient`, which it may overwrite
 * (`accumulate` is 0), or add it to what has arrived before (1).
 */
export function giveInto(
  tensor: Tensor,
  gradient: FloatArray,
  write: (into: FloatArray, accumulate: 0 | 1) => void,
): void {
  if (nodeOf(tensor)?.gradient) {
    contribute(tensor, write);
    pool.release(gradient);
  } else {
    write(gradient, 0);
    give(tensor, gradient);
  }
}

/** Has `write` add to the gradient of `tensor` (`accumulate` is 1), or set it where there is none yet or it is zero (0). */
export function contribute(tensor: Tensor, write: (into: FloatArray, accumulate: 0 | 1) => void): void {
  const node = nodeOf(tensor);
  if (node === null) return;
  if (!node.isLeaf) writeOut(node);
  const isFirst = node.gradient === null || (node.isLeaf && node.isCleared);
  node.gradient ??= takeLike(tensor);
  write(node.gradient, isFirst ? 0 : 1);
  if (node.isLeaf) node.isCleared = false;
}

/** Adds rows to those rows of the gradient of a leaf, in the place of a gradient of all of it. */
export function contributeRows(tensor: Tensor, rows: Int32Array, values: FloatArray): void {
  const node = nodeOf(tensor);
  if (!node?.isLeaf) return;
  const [count] = tensor.shape;
  node.rowGradient ??= new RowGradient(count, tensor.size / count, floatTypeOf(tensor));
  node.rowGradient.add(rows, values);
}

/** @throws Error where a value that `backward` reads was written to in place after the operation. */
function checkUnchanged({ name, order, reads }: Operation): void {
  for (const tensor of reads) if (storageOf(tensor).writtenAt > order) refuseChange(name, tensor);
}

function refuseChange(operation: string, { name, shape }: Tensor): never {
  const which = name === undefined ? 'a value' : `the value of ${show(name)}`;
  throw new Error(
    `backward() of ${operation} needs ${which} of shape ${showShape(shape)} as it was, but it was changed since: by ` +
      'step() of an optimizer, loadStateDict(), or whatever else writes in place; call backward() before that, or ' +
      'compute the loss again',
  );
}

// The gradient of the result whose way back runs, where that is known without reading it.
let known: number | null = null;

/** The gradient of a result of one element, for its way back: of a loss it is known without waiting for what is queued. */
export function numberIn(gradient: FloatArray): number {
  return known ?? settledArray(gradient)[0];
}

/**
 * All operations that `loss` depends on and that came after `since`, the latest first: an order in which a gradient is complete
 * when it is used.
 */
export function operationsOf(loss: Tensor, since = 0): Operation[] {
  const found = new Set<Operation>();
  const waiting = [loss];
  for (let tensor = waiting.pop(); tensor !== undefined; tensor = waiting.pop()) {
    const node = nodeOf(tensor);
    if (node?.isLeaf) checkUnlocked(tensor);
    if (node === null || node.isLeaf || node.order <= since || found.has(node)) continue;
    if (node.backward === null) {
      throw new Error(
        'backward() has already run through this graph and released it: compute the loss again, or add up the ' +
          'losses and call backward() once',
      );
    }
    checkUnchanged(node);
    found.add(node);
    waiting.push(...node.inputs);
  }
  return [...found].sort((a, b) => b.order - a.order);
}

/** Is told the operations of a way back, in the order of its steps, before the first of them. */
export type Route = (operations: readonly Operation[]) => void;

/**
 * See the method.
 * @param factor what the gradients are multiplied by
 */
export function backwardSteps(loss: Tensor, factor = 1, onRoute?: Route): Generator<void, void, void> {
  if (loss.size !== 1) {
    throw new RangeError(`backward() takes a loss of one element, got shape ${showShape(loss.shape)}`);
  }
  if (!loss.requiresGrad) {
    throw new TypeError(
      'backward() needs a loss that depends on a tensor with requiresGrad, outside of noGrad()',
    );
  }
  return goBack(loss, factor, onRoute);
}

/** Adds the gradients of `loss` to those of the leaves it depends on, and releases its graph: an operation at a time. */
function* goBack(loss: Tensor, factor: number, onRoute?: Route): Generator<void, void, void> {
  const operations = operationsOf(loss);
  onRoute?.(operations);
  give(loss, fill(takeLike(loss), factor));
  makeRoom(operations.map(({ storage }) => storage));
  const start = loss.dtype === 'float32' ? Math.fround(factor) : factor;
  for (const operation of operations) {
    // Once more: who goes through the steps may do anything in between.
    checkUnchanged(operation);
    runBack(operation, operation === nodeOf(loss) ? start : null);
    retire(operation, 'backward()', storageOf(loss));
    yield;
  }
}

/** Hands on the gradient of an operation's result, which is `number` where that is known. */
function runBack(operation: Operation, number: number | null): void {
  if (!operation.takesUniform) writeOut(operation);
  const { gradient } = operation;
  operation.gradient = null;
  operation.isUniform = false;
  known = number;
  if (gradient !== null) operation.backward?.(gradient);
  known = null;
}

/** Gives back what an operation holds, but for `kept`: nothing can go back through it any more. */
export function retire(operation: Operation, by: string, kept: Storage | null): void {
  const { storage, inputs, saved } = operation;
  for (const array of saved) pool.release(array);
  if (storage !== kept && !isView(storage, inputs)) storage.release(by);
  operation.inputs = [];
  operation.reads = [];
  operation.saved = [];
  operation.backward = null;
}

/** Takes the gradient of `result` back to what came before `since`, and gives back all that came after it. */
export function goBackTo(since: number, result: Tensor, gradient: FloatArray, by: string): void {
  const operations = operationsOf(result, since);
  const number = known;
  give(result, gradient);
  for (const operation of operations) {
    runBack(operation, operation === nodeOf(result) ? number : null);
    retire(operation, by, null);
  }
}

/** Runs `fn` with recording, and says what it made that needs no gradient. */
export function recording<Result>(fn: () => Result): { result: Result; constants: readonly Storage[] } {
  const [outer, outerConstants] = [unrecorded, constants];
  const inner: Storage[] = [];
  [unrecorded, constants] = [null, inner];
  try {
    return { result: fn(), constants: inner };
  } finally {
    [unrecorded, constants] = [outer, outerConstants];
  }
}

/** Sees to it that the pool keeps what is about to be released: a value and a gradient for each of `storages`, twice. */
export function makeRoom(storages: readonly Storage[]): void {
  pool.reserve(storages.reduce((bytes, storage) => bytes + 4 * storage.array.byteLength, 0));
}

/**
 * Runs `fn` without recording, then releases what was computed inside, except what `keep` finds in the result of `fn`.
 */
export function withoutRecording<Result>(
  fn: () => Result,
  keep: (result: Result) => ReadonlySet<Storage>,
): Result {
  const outer = unrecorded;
  const inner: Storage[] = [];
  unrecorded = inner;
  let kept: ReadonlySet<Storage> = new Set();
  try {
    const result = fn();
    kept = keep(result);
    return result;
  } finally {
    unrecorded = outer;
    makeRoom(inner);
    for (const storage of inner) {
      if (kept.has(storage)) outer?.push(storage);
      else storage.release('noGrad(), which keeps what its function returns');
    }
  }
}
