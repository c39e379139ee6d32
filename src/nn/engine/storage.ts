import { settledArray } from '../../backend/stream.js';
import { elementTypeOf, type TensorDType } from '../../core/dtypes.js';
import { lengthOf } from '../../core/float-arrays.js';
import type { ElementArray } from '../../core/types.js';
import { pool } from './pool.js';

let clock = 0;

/** Counts up: of two things that happened, which was first. */
export function tick(): number {
  return ++clock;
}

/** The elements of a tensor, shared by those that only differ in shape. */
export class Storage {
  readonly dtype: TensorDType;
  readonly length: number;
  readonly isTemporary: boolean;
  #array: ElementArray | null;
  #releasedBy = '';
  // Whether nobody but the graph has seen the array, so that the pool may have it back.
  #exclusive: boolean;
  #writtenAt = 0;

  private constructor(array: ElementArray, isTemporary: boolean, dtype: TensorDType) {
    this.dtype = dtype;
    this.length = lengthOf(array);
    this.isTemporary = isTemporary;
    this.#array = array;
    this.#exclusive = isTemporary;
  }

  /** Elements that stay for as long as somebody refers to them: the user's. */
  static permanent(array: ElementArray, dtype: TensorDType = elementTypeOf(array)): Storage {
    return new Storage(array, false, dtype);
  }

  /** Elements, in an array from the pool, that go back to it once backward() or noGrad() is done with them. */
  static temporary(array: ElementArray, dtype: TensorDType = elementTypeOf(array)): Storage {
    return new Storage(array, true, dtype);
  }

  /** The elements, for use within the library: whoever calls this does not keep the array. */
  get array(): ElementArray {
    if (this.#array === null) {
      throw new Error(
        `the value of this tensor was released by ${this.#releasedBy}, so that the next step can use its memory: ` +
          'take detach() or clone() of it before that, or read its value',
      );
    }
    const { length } = this.#array;
    if (length !== this.length || lengthOf(this.#array) !== length) this.#refuse(this.#array);
    return this.#array;
  }

  #refuse(array: ElementArray): never {
    throw new RangeError(
      `the value of this tensor must have ${this.length} elements as when it was made, got ${lengthOf(array)}: its ` +
        'buffer was detached or resized',
    );
  }

  /** Whether the elements are gone, and to read them is an error. */
  get isReleased(): boolean {
    return this.#array === null;
  }

  /** When the elements were last changed in place, as {@link tick} counts: 0 where they never were. */
  get writtenAt(): number {
    return this.#writtenAt;
  }

  /** To be called after the elements were changed in place. */
  written(): void {
    this.#writtenAt = tick();
  }

  /** The elements, for someone who may keep the array: from now on it is never used for anything else. */
  share(): ElementArray {
    const array = settledArray(this.array);
    if (this.#exclusive) pool.give(array);
    this.#exclusive = false;
    return array;
  }

  /** Gives temporary elements back to the pool. `by` tells the user who did it. */
  release(by: string): void {
    if (!this.isTemporary || this.#array === null) return;
    if (this.#exclusive) pool.release(this.#array);
    this.#array = null;
    this.#releasedBy = by;
  }
}
