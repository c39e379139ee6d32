import type { Parameter } from '../../array/parameter.js';
import type { RowGradient } from '../../array/row-gradient.js';
import { checkDType, type DType, dtypeOf, isFloats, zeros } from '../../core/dtypes.js';
import { checkLength } from '../../core/float-arrays.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { readShape, type Shape, showShape, sizeOf } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { checkBoolean, checkNumber, show } from '../../core/validate.js';
import { written } from '../../core/written.js';
import { backwardSteps, Variable } from './autograd.js';
import { Storage } from './storage.js';

let toTensor: (variable: Variable) => Tensor;
let toVariable: (tensor: Tensor) => Variable;

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
  readonly #variable: Variable;

  private constructor(variable: Variable) {
    this.#variable = variable;
  }

  static {
    toTensor = (variable) => new Tensor(variable);
    toVariable = (tensor) => tensor.#variable;
  }

  /** What the tensor is called in state dictionaries; `Module.parameters()` sets it. */
  get name(): string | undefined {
    return this.#variable.name;
  }

  set name(name: string | undefined) {
    this.#variable.name = name;
  }

  get shape(): Shape {
    return this.#variable.shape;
  }

  /** The number of elements. */
  get size(): number {
    return this.#variable.size;
  }

  get dtype(): DType {
    return this.#variable.dtype;
  }

  /** Whether the tensor was given rather than computed with its history recorded. */
  get isLeaf(): boolean {
    return this.#variable.operation === null;
  }

  /** The elements. An `Error` where they have been released. */
  get value(): FloatArray {
    return this.#variable.storage.share();
  }

  /** What `backward()` calls have added up for the weight of an `Embedding` that is sparse: in the place of `grad`. */
  get rowGrad(): RowGradient | null {
    return this.#variable.rowGradient;
  }

  /** What `backward()` calls have added up for a leaf that requires a gradient, else null. Setting null forgets it. */
  get grad(): FloatArray | null {
    return this.isLeaf ? this.#variable.gradient : null;
  }

  set grad(grad: FloatArray | null) {
    if (grad !== null) {
      if (!isFloats(grad) || dtypeOf(grad) !== this.dtype) {
        throw new TypeError(`grad must be null or a ${this.dtype} array, got ${show(grad)}`);
      }
      if (grad.length !== this.size) {
        throw new RangeError(`grad must have ${this.size} elements, got ${grad.length}`);
      }
      if (!this.#variable.requiresGrad)
        throw new TypeError('grad can only be set where requiresGrad is true');
    }
    if (this.isLeaf) this.#variable.gradient = grad;
    if (grad === null) this.#variable.rowGradient = null;
  }

  /** Whether `backward()` computes a gradient for this tensor. Settable on a leaf: false freezes it and drops `grad`. */
  get requiresGrad(): boolean {
    return this.#variable.needsGradient;
  }

  set requiresGrad(requiresGrad: boolean) {
    checkBoolean('requiresGrad', requiresGrad);
    if (!this.isLeaf) throw new TypeError('requiresGrad can only be set on a leaf: use detach() to get one');
    this.#variable.requiresGrad = requiresGrad;
    if (!requiresGrad) {
      this.#variable.gradient = null;
      this.#variable.rowGradient = null;
    }
  }

  /** Tells that `value` was written to: `backward()` through what was computed from it before is then an error. */
  [written](): void {
    this.#variable.storage.written();
  }

  /** The only element, as a number. */
  item(): number {
    if (this.size !== 1) throw new RangeError(`item() takes one element, got shape ${showShape(this.shape)}`);
    return this.#variable.array[0];
  }

  /**
   * Adds the gradient of this single number to `grad` of every leaf it depends on that requires one, and releases the
   * values computed on the way.
   *
   * Runs once for a graph: a second call is an error, before anything has changed.
   */
  backward(): void {
    const steps = this.backwardSteps();
    while (steps.next().done !== true);
  }

  /**
   * {@link backward}, an operation at a time: for who has other things to do in between. The gradients are those once it is
   * done, and nothing may be trained on this graph's leaves before.
   */
  backwardSteps(): Generator<void, void, void> {
    if (this.size !== 1) {
      throw new RangeError(`backward() takes a loss of one element, got shape ${showShape(this.shape)}`);
    }
    if (!this.requiresGrad) {
      throw new TypeError(
        'backward() needs a loss that depends on a tensor with requiresGrad, outside of noGrad()',
      );
    }
    return backwardSteps(this.#variable);
  }

  /** A leaf with the same elements in the same memory, which is then not reused. */
  detach(): Tensor {
    const { storage } = this.#variable;
    // One that stays is shared, so that a change of it is noticed through either tensor.
    return new Tensor(
      new Variable(storage.isTemporary ? Storage.permanent(this.value) : storage, this.shape),
    );
  }

  toString(): string {
    const { dtype, shape, requiresGrad } = this;
    return `Tensor(${dtype} ${showShape(shape)}${requiresGrad ? ', requiresGrad' : ''})`;
  }
}

/** The variable behind a tensor that a caller named `name`. */
export function variableOf(name: string, tensor: unknown): Variable {
  if (!(tensor instanceof Tensor)) throw new TypeError(`${name} must be a Tensor, got ${show(tensor)}`);
  return toVariable(tensor);
}

export function tensorOf(variable: Variable): Tensor {
  return toTensor(variable);
}

export interface TensorOptions {
  /** Whether `backward()` computes a gradient for it. Default false. */
  readonly requiresGrad?: boolean;
  /** The element type. Default: that of `data`, float32 for an array of numbers. */
  readonly dtype?: DType;
  /** What state dictionaries call it. */
  readonly name?: string;
}

const OPTIONS: OptionNames<TensorOptions> = { requiresGrad: true, dtype: true, name: true };

/**
 * A leaf tensor.
 *
 * @param data a Float32Array or Float64Array, used in place, not copied; or numbers, copied.
 * @param shape row-major lengths whose product is the length of `data`. Default `[data.length]`.
 */
export function tensor(
  data: FloatArray | readonly number[],
  shape: readonly number[] = [data.length],
  options: TensorOptions = {},
): Tensor {
  checkOptions('tensor', options, OPTIONS);
  const { requiresGrad = false, dtype = isFloats(data) ? dtypeOf(data) : 'float32', name } = options;
  checkBoolean('requiresGrad', requiresGrad);
  checkDType('dtype', dtype);
  if (name !== undefined && typeof name !== 'string')
    throw new TypeError(`name must be a string, got ${show(name)}`);
  const array = isFloats(data) ? data : fromNumbers(data, dtype);
  if (dtypeOf(array) !== dtype) throw new TypeError(`data must be ${dtype} as dtype says, got ${show(data)}`);
  checkLength('data', array);
  const lengths = readShape('shape', shape, 1);
  if (sizeOf(lengths) !== array.length) {
    throw new RangeError(`shape must hold the ${array.length} elements of data, got ${showShape(lengths)}`);
  }
  const variable = new Variable(Storage.permanent(array), lengths);
  variable.requiresGrad = requiresGrad;
  const result = toTensor(variable);
  if (name !== undefined) result.name = name;
  return result;
}

function fromNumbers(data: unknown, dtype: DType): FloatArray {
  if (!Array.isArray(data)) {
    throw new TypeError(
      `data must be a Float32Array, a Float64Array or an array of numbers, got ${show(data)}`,
    );
  }
  const numbers = Array.from(data, (value: unknown, i) => {
    checkNumber(`data[${i}]`, value);
    return value;
  });
  const array = zeros(dtype, numbers.length);
  array.set(numbers);
  return array;
}
