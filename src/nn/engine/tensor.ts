import type { Parameter, ParameterArrays } from '../../array/parameter.js';
import type { RowGradient } from '../../array/row-gradient.js';
import { fill, settledArray } from '../../backend/stream.js';
import { cleared } from '../../core/cleared.js';
import { type DType, dtypeOf, isFloats, isFloatType, type TensorDType } from '../../core/dtypes.js';
import { checkUnlocked } from '../../core/locks.js';
import { queued } from '../../core/queued.js';
import { type Shape, showShape } from '../../core/shapes.js';
import type { ElementArray, FloatArray } from '../../core/types.js';
import { checkBoolean, show } from '../../core/validate.js';
import { written } from '../../core/written.js';
import { tensorText } from '../../text/tensor.js';
import { type NestedElements, nest } from './nested.js';
import { pool } from './pool.js';
import { Storage } from './storage.js';

export type Detail = number | readonly number[];

/** How a tensor was computed, and how its gradient goes on to what it was computed of. */
export interface Operation {
  readonly isLeaf: false;
  /** What the operation is called in errors. */
  readonly name: string;
  /** What it took beside its inputs, of those that have it: a number, or axes. */
  readonly detail: Detail | undefined;
  /** Counts up: an operation's inputs have smaller numbers than itself. */
  readonly order: number;
  /** The elements of its result. */
  readonly storage: Storage;
  inputs: readonly Tensor[];
  /** Those whose values `backward` reads: they must be what they were. */
  reads: readonly Tensor[];
  /** Arrays from the pool that only `backward` reads. */
  saved: readonly ElementArray[];
  /** Null once it has run. */
  backward: Backward | null;
  /** Whether `backward` also takes a gradient of one element that all of them are. */
  readonly takesUniform: boolean;
  /** What has arrived while backward() runs. */
  gradient: FloatArray | null;
  /** Whether that has one element, which all of them are: see `giveUniform`. */
  isUniform: boolean;
}

/**
 * Hands the gradient of an operation's result on to its inputs, by `give` and `contribute`. The array it gets is its
 * own: it may write to it, and gives it on or releases it to the pool.
 */
export type Backward = (gradient: FloatArray) => void;

/** What backward() calls have gathered for a tensor that was given. */
export interface Leaf {
  readonly isLeaf: true;
  gradient: FloatArray | null;
  /** Whether nobody outside has seen the gradient, so that zeros need not be there before somebody does. */
  isExclusive: boolean;
  /** Whether its array is somebody's who has placed it, and not the pool's. */
  isPlaced: boolean;
  /** Whether the gradient is zero, whatever its array holds. */
  isCleared: boolean;
  rowGradient: RowGradient | null;
}

// What the engine and functions/ see of a tensor, and nobody else.

/** Where the gradient of a tensor arrives; null where none is wanted. */
export let nodeOf: (tensor: Tensor) => Operation | Leaf | null;
export let storageOf: (tensor: Tensor) => Storage;
/** Whether the tensor is a leaf that requires a gradient, or did before it was frozen. */
export let isParameter: (tensor: Tensor) => boolean;
export let makeTensor: (storage: Storage, shape: Shape, operation?: Operation | null) => Tensor;

/**
 * A row-major array of numbers that remembers how it was computed, so that `backward()` can find its gradient.
 *
 * Made by `tensor()` and by operations. One that `tensor()` made is a leaf: its value is the array it was given and
 * stays. The value of any other is in memory that is reused from step to step: `backward()` releases all of the loss's
 * graph but the loss itself, `noGrad()` releases what it does not return, and reading a released value is an error.
 * An array read from `value` before that is the reader's and stays as it is.
 *
 * A leaf that requires a gradient is a `Parameter`: an optimizer takes it as it is.
 *
 * What is computed of tensors is in functions/; methods.ts makes methods of some.
 */
export class Tensor implements Parameter {
  readonly #storage: Storage;
  readonly #shape: Shape;
  #node: Operation | Leaf | null;
  #name: string | undefined;
  #isParameter = false;

  private constructor(storage: Storage, shape: Shape, operation: Operation | null) {
    this.#storage = storage;
    this.#shape = shape;
    this.#node = operation;
  }

  static {
    nodeOf = (tensor) => tensor.#node;
    storageOf = (tensor) => tensor.#storage;
    isParameter = (tensor) => tensor.#isParameter;
    makeTensor = (storage, shape, operation = null) => new Tensor(storage, shape, operation);
  }

  /** What the tensor is called in state dictionaries; `Module.parameters()` sets it. */
  get name(): string | undefined {
    return this.#name;
  }

  set name(name: string | undefined) {
    this.#name = name;
  }

  get shape(): Shape {
    return this.#shape;
  }

  /** The number of elements. */
  get size(): number {
    return this.#storage.length;
  }

  /** float32 and float64 are computed with; int32, uint8 and bool are indices, labels and masks, which have no gradient. */
  get dtype(): TensorDType {
    return this.#storage.dtype;
  }

  /** Whether the tensor was given rather than computed with its history recorded. */
  get isLeaf(): boolean {
    return this.#node?.isLeaf ?? true;
  }

  /**
   * The elements of a tensor of floats. They may lie inside a longer buffer: who passes `value.buffer` on needs
   * `value.byteOffset` as well.
   * @throws Error where they have been released, TypeError where they are no floats: those are `data`.
   */
  get value(): FloatArray {
    const array = this.#storage.share();
    if (!isFloats(array))
      throw new TypeError(`value is for tensors of floats: take data of this one, of ${this.dtype}`);
    return array;
  }

  /** As `value`, of any element type: int32 in an Int32Array, uint8 and bool (0 or 1) in a Uint8Array. */
  get data(): ElementArray {
    return this.#storage.share();
  }

  /** What `backward()` calls have added up for the weight of an `Embedding` that is sparse: in the place of `grad`. */
  get rowGrad(): RowGradient | null {
    return this.#node?.isLeaf ? this.#node.rowGradient : null;
  }

  /** What `backward()` calls have added up for a leaf that requires a gradient, else null. Setting null forgets it. */
  get grad(): FloatArray | null {
    const leaf = this.#node;
    if (!leaf?.isLeaf || leaf.gradient === null) return null;
    writeZeros(leaf);
    leaf.isExclusive = false;
    return settledArray(leaf.gradient);
  }

  set grad(grad: FloatArray | null) {
    const node = this.#node?.isLeaf ? this.#node : null;
    if (grad !== null) {
      if (!isFloats(grad) || dtypeOf(grad) !== this.dtype) {
        throw new TypeError(`grad must be null or a ${this.dtype} array, got ${show(grad)}`);
      }
      if (grad.length !== this.size) {
        throw new RangeError(`grad must have ${this.size} elements, got ${grad.length}`);
      }
      if (node === null) throw new TypeError('grad can only be set where requiresGrad is true');
    }
    if (node === null) return;
    checkUnlocked(this);
    dropGradient(node);
    node.gradient = grad;
    node.isExclusive = grad === null;
    node.isPlaced = false;
    node.isCleared = false;
    if (grad === null) node.rowGradient = null;
  }

  /** Whether `backward()` computes a gradient for this tensor. Settable on a leaf: false freezes it and drops `grad`. */
  get requiresGrad(): boolean {
    return this.#node !== null;
  }

  set requiresGrad(requiresGrad: boolean) {
    checkBoolean('requiresGrad', requiresGrad);
    if (requiresGrad) floatTypeOf(this);
    if (!this.isLeaf) throw new TypeError('requiresGrad can only be set on a leaf: use detach() to get one');
    checkUnlocked(this);
    if (!requiresGrad) {
      if (this.#node?.isLeaf) dropGradient(this.#node);
      this.#node = null;
    } else {
      this.#isParameter = true;
      this.#node ??= newLeaf();
    }
  }

  /** Tells that `value` was written to: `backward()` through what was computed from it before is then an error. */
  [written](): void {
    checkUnlocked(this);
    this.#storage.written();
  }

  /** The gradient is zero, in place: what nobody has seen is not written to before it is read. */
  [cleared](): void {
    const leaf = this.#node;
    if (!leaf?.isLeaf) return;
    leaf.rowGradient?.clear();
    leaf.isCleared = leaf.gradient !== null;
    if (!leaf.isExclusive) writeZeros(leaf);
  }

  /** The arrays, for whoever only passes them on to kernels. */
  [queued](): ParameterArrays {
    const leaf = this.#node?.isLeaf ? this.#node : null;
    if (leaf !== null) writeZeros(leaf);
    return {
      value: arrayOf(this),
      grad: leaf?.gradient ?? null,
      rowGrad: leaf?.rowGradient ?? null,
    };
  }

  /** The only element, as a number: of bool 1 or 0. */
  item(): number {
    if (this.size !== 1) throw new RangeError(`item() takes one element, got shape ${showShape(this.shape)}`);
    return settledArray(this.#storage.array)[0];
  }

  /** The elements in arrays of arrays of the tensor's shape, those of bool as booleans; of shape [] the element itself. */
  toArray(): NestedElements {
    const array = settledArray(this.#storage.array);
    const isBool = this.dtype === 'bool';
    return nest(
      Array.from(array, (x) => (isBool ? x !== 0 : x)),
      this.shape,
    );
  }

  /** A leaf with the same elements in the same memory, which is then not reused. */
  detach(): Tensor {
    const storage = this.#storage;
    // One that stays is shared, so that a change of it is noticed through either tensor.
    return makeTensor(storage.isTemporary ? Storage.permanent(this.data, this.dtype) : storage, this.shape);
  }

  /**
   * The elements as PyTorch prints them: four digits, three elements at each edge of more than 1,000; and the element type where
   * it is not float32, whether a gradient is asked for, and the name.
   */
  toString(): string {
    const { dtype, shape, requiresGrad, name } = this;
    const notes = [
      ...(dtype === 'float32' || dtype === 'bool' ? [] : [`dtype=${dtype}`]),
      ...(requiresGrad ? ['requiresGrad=true'] : []),
      ...(name === undefined ? [] : [`name=${show(name)}`]),
    ];
    if (this.#storage.isReleased)
      return `tensor(${['released', `shape=${showShape(shape)}`, ...notes].join(', ')})`;
    return tensorText(settledArray(this.#storage.array), shape, notes, kindOf(dtype));
  }

  /** What `console.log()` shows, and a notebook. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

function newLeaf(): Leaf {
  return {
    ...{ isLeaf: true, gradient: null, isExclusive: true, isPlaced: false, isCleared: false },
    rowGradient: null,
  };
}

/** Gives the array back to the pool, where it is the pool's and nobody has seen it. */
export function dropGradient(leaf: Leaf): void {
  if (leaf.gradient !== null && leaf.isExclusive && !leaf.isPlaced) pool.release(leaf.gradient);
  leaf.gradient = null;
}

/** Makes the gradient zero where it is only said to be. */
function writeZeros(leaf: Leaf): void {
  if (leaf.isCleared && leaf.gradient !== null) fill(leaf.gradient, 0);
  leaf.isCleared = false;
}

function kindOf(dtype: TensorDType): 'float' | 'integer' | 'bool' {
  return isFloatType(dtype) ? 'float' : dtype === 'bool' ? 'bool' : 'integer';
}

function refuseType(dtype: TensorDType): never {
  throw new TypeError(`${dtype} tensors are not computed with, nor have they gradients: use .to('float32')`);
}

/** The element type of a tensor that is computed with. @throws TypeError for one of whole numbers or booleans. */
export function floatTypeOf({ dtype }: Tensor): DType {
  return isFloatType(dtype) ? dtype : refuseType(dtype);
}

/**
 * The elements, for use within the library: whoever calls this does not keep the array.
 * @throws TypeError where they are no floats: so what is not made for others refuses them.
 */
export function arrayOf(tensor: Tensor): FloatArray {
  const { array } = storageOf(tensor);
  return isFloats(array) ? array : refuseType(tensor.dtype);
}

/** The same of any element type, for what only moves, compares or chooses. */
export function elementsOf(tensor: Tensor): ElementArray {
  return storageOf(tensor).array;
}

export function checkTensor(name: string, value: unknown): asserts value is Tensor {
  if (!(value instanceof Tensor)) throw new TypeError(`${name} must be a Tensor, got ${show(value)}`);
}
