import { RowGradient } from '../../array/row-gradient.js';
import { kernels } from '../../backend/select.js';
import { type DType, dtypeOf } from '../../core/dtypes.js';
import { type Shape, showShape, sizeOf } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { show } from '../../core/validate.js';
import { pool } from './pool.js';
import { Storage, tick } from './storage.js';

/** What a variable came from. */
interface Operation {
  /** What the operation is called in errors. */
  readonly name: string;
  /** Counts up: an operation's inputs have smaller numbers than itself. */
  readonly order: number;
  readonly output: Variable;
  inputs: readonly Variable[];
  /** Those whose values `backward` reads: they must be what they were. */
  reads: readonly Variable[];
  /** Whether it also reads the output's. */
  readonly readsOutput: boolean;
  /** Arrays from the pool that only `backward` reads. */
  saved: readonly FloatArray[];
  /** Null once it has run. */
  backward: Backward | null;
}

/**
 * Hands the gradient of an operation's output on to its inputs, by `give` and `contribute`. The array it gets is its
 * own: it may write to it, and gives it on or releases it to the pool.
 */
type Backward = (gradient: FloatArray) => void;

/** A tensor as the automatic differentiation sees it. */
export class Variable {
  readonly shape: Shape;
  readonly size: number;
  readonly dtype: DType;
  readonly storage: Storage;
  /** What the tensor is called in state dictionaries. */
  name: string | undefined;
  /** Of a leaf: whether it gathers gradients. */
  requiresGrad = false;
  /** Of a leaf: what backward() has gathered. Of any other: what has arrived while backward() runs. */
  gradient: FloatArray | null = null;
  operation: Operation | null = null;
  /** Of a leaf: whether looking up rows adds to `rowGradient` rather than to `gradient`. */
  sparse = false;
  rowGradient: RowGradient | null = null;

  constructor(storage: Storage, shape: Shape) {
    this.storage = storage;
    this.shape = shape;
    this.size = sizeOf(shape);
    this.dtype = dtypeOf(storage.array);
  }

  get array(): FloatArray {
    return this.storage.array;
  }

  get needsGradient(): boolean {
    return this.requiresGrad || this.operation !== null;
  }
}

// The temporary storages made inside the innermost noGrad(), or null outside of one.
let unrecorded: Storage[] | null = null;

/** An array from the pool, of the variable's element type. */
export function takeLike(variable: Variable, size = variable.size): FloatArray {
  return pool.take(variable.dtype, size);
}

/** Whether an operation's result is its input's memory, which is then the input's to release. */
function isView(storage: Storage, inputs: readonly Variable[]): boolean {
  return inputs.some((input) => input.storage === storage);
}

/** Whether gradients may be asked for of what is made of these. */
export function isRecorded(inputs: readonly Variable[]): boolean {
  return unrecorded === null && inputs.some((input) => input.needsGradient);
}

const NONE: readonly never[] = [];

/** What an operation made of its inputs: see {@link record}. */
interface Result {
  /** What the operation is called in errors. */
  readonly name: string;
  readonly shape: Shape;
  /** The elements: an array from the pool, or the storage of the input that the result is a view of. */
  readonly out: FloatArray | Storage;
  readonly inputs: readonly Variable[];
  /** The inputs whose values `backward` reads. Default: none. */
  readonly reads?: readonly Variable[] | undefined;
  /** Whether it also reads the output's. Default false. */
  readonly readsOutput?: boolean;
  /** Other arrays from the pool that it reads. */
  readonly saved?: readonly FloatArray[];
  readonly backward: Backward;
}

/** The result of an operation as a variable: `backward` runs where gradients are wanted, else `saved` goes back to the pool. */
export function record(result: Result): Variable {
  const { name, shape, out, inputs, reads = NONE, readsOutput = false, saved = NONE, backward } = result;
  const storage = out instanceof Storage ? out : Storage.temporary(out);
  const output = new Variable(storage, shape);
  if (isRecorded(inputs)) {
    output.operation = { name, order: tick(), output, inputs, reads, readsOutput, saved, backward };
    return output;
  }
  if (!isView(storage, inputs)) unrecorded?.push(storage);
  for (const array of saved) pool.release(array);
  return output;
}

/** What `backward` of a product reads: each factor for the gradient of the other. */
export function factorsRead(a: Variable, b: Variable): readonly Variable[] {
  if (a.needsGradient) return b.needsGradient ? [a, b] : [b];
  return b.needsGradient ? [a] : NONE;
}

/** Adds `array` to the gradient of `variable`, which takes the array over. */
export function give(variable: Variable, array: FloatArray): void {
  if (variable.needsGradient && variable.gradient === null) {
    variable.gradient = array;
    return;
  }
  if (variable.gradient !== null && variable.needsGradient) {
    kernels().add(0, 1, 1, variable.size, variable.gradient, array, variable.gradient);
  }
  pool.release(array);
}

/**
 * Has `write` make the gradient of `variable` out of that of the operation's output, `gradient`, which it may overwrite
 * (`accumulate` is 0), or add it to what has arrived before (1).
 */
export function giveInto(
  variable: Variable,
  gradient: FloatArray,
  write: (into: FloatArray, accumulate: 0 | 1) => void,
): void {
  const before = variable.needsGradient ? variable.gradient : null;
  write(before ?? gradient, before === null ? 0 : 1);
  if (before === null) give(variable, gradient);
  else pool.release(gradient);
}

/** Has `write` add to the gradient of `variable` (`accumulate` is 1), or set it where there is none yet (0). */
export function contribute(variable: Variable, write: (into: FloatArray, accumulate: 0 | 1) => void): void {
  if (!variable.needsGradient) return;
  const accumulate = variable.gradient === null ? 0 : 1;
  variable.gradient ??= takeLike(variable);
  write(variable.gradient, accumulate);
}

/** Adds rows to those rows of the gradient of a matrix that is sparse. */
export function contributeRows(variable: Variable, rows: Int32Array, values: FloatArray): void {
  if (!variable.requiresGrad) return;
  const [count] = variable.shape;
  variable.rowGradient ??= new RowGradient(count, variable.size / count, variable.dtype);
  variable.rowGradient.add(rows, values);
}

/** @throws Error where a value that `backward` reads was written to in place after the operation. */
function checkUnchanged({ name, order, reads, readsOutput, output }: Operation): void {
  for (const variable of reads) if (variable.storage.writtenAt > order) refuseChange(name, variable);
  if (readsOutput && output.storage.writtenAt > order) refuseChange(name, output);
}

function refuseChange(operation: string, { name, shape }: Variable): never {
  const which = name === undefined ? 'a value' : `the value of ${show(name)}`;
  throw new Error(
    `backward() of ${operation} needs ${which} of shape ${showShape(shape)} as it was, but it was changed since: by ` +
      'step() of an optimizer, loadStateDict(), or whatever else writes in place; call backward() before that, or ' +
      'compute the loss again',
  );
}

/** All operations that `loss` depends on, the latest first: an order in which a gradient is complete when it is used. */
function operationsOf(loss: Variable): Operation[] {
  const found = new Set<Operation>();
  const waiting = [loss];
  for (let variable = waiting.pop(); variable !== undefined; variable = waiting.pop()) {
    const { operation } = variable;
    if (operation === null || found.has(operation)) continue;
    if (operation.backward === null) {
      throw new Error(
        'backward() has already run through this graph and released it: compute the loss again, or add up the ' +
          'losses and call backward() once',
      );
    }
    checkUnchanged(operation);
    found.add(operation);
    waiting.push(...operation.inputs);
  }
  return [...found].sort((a, b) => b.order - a.order);
}

/** Adds the gradients of `loss` to those of the leaves it depends on, and releases its graph: an operation at a time. */
export function* backwardSteps(loss: Variable): Generator<void, void, void> {
  const operations = operationsOf(loss);
  const seed = takeLike(loss);
  seed[0] = 1;
  give(loss, seed);
  makeRoom(operations.map(({ output }) => output.storage));
  for (const operation of operations) {
    const { output, inputs, saved } = operation;
    // Once more: who goes through the steps may do anything in between.
    checkUnchanged(operation);
    const gradient = output.gradient;
    output.gradient = null;
    if (gradient !== null) operation.backward?.(gradient);
    for (const array of saved) pool.release(array);
    const { storage } = output;
    if (storage !== loss.storage && !isView(storage, inputs)) storage.release('backward()');
    operation.inputs = [];
    operation.reads = [];
    operation.saved = [];
    operation.backward = null;
    yield;
  }
}

/** Sees to it that the pool keeps what is about to be released: a value and a gradient for each of `storages`, twice. */
function makeRoom(storages: readonly Storage[]): void {
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
